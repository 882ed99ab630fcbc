import assert from 'node:assert/strict';
import { switchRefusal } from '../../src/redundancy/index.js';
import { Story, type RigOptions } from './role-rig.js';

const SAFETY: RigOptions = { settings: { withoutWitness: 'prefer-safety' } };

describe('role machine: starting', () => {
  it('becomes standby when the other one is active', () => {
    assert.equal(new Story().sees('active').role, 'standby');
  });

  for (const [told, mode, own, peer, first] of [
    ['the higher epoch goes first', 'backup', [2, 5], [1, 99], true],
    ['the lower epoch waits', 'main', [1, 99], [2, 5], false],
    ['in one epoch the later frame goes first', 'backup', [1, 11], [1, 10], true],
    ['in one epoch the earlier frame waits', 'main', [1, 9], [1, 10], false],
    ['of equals the main goes first', 'main', [1, 10], [1, 10], true],
    ['of equals the backup waits', 'backup', [1, 10], [1, 10], false],
  ] as const) {
    it(`both starting: ${told}`, () => {
      const story = new Story({ mode, progress: own }).sees('starting', { epoch: peer[0], seq: peer[1] });
      assert.deepEqual(story.did, first ? ['promote'] : []);
      if (first) assert.equal(story.in({ kind: 'promoted', nextBeat: 1 }).role, 'active');
    });
  }

  it('asks anew when it was frozen while nobody led: what it has heard is of then (story 200424)', () => {
    const story = new Story({ mode: 'main', progress: [1, 10] }).sees('standby', { epoch: 1, seq: 10 });
    assert.deepEqual(story.in({ kind: 'stalled', ms: 10_000, nextBeat: 3 }).did, ['drop-link']);
    assert.deepEqual(story.after(story.settings.failoverTimeMs).did, [], 'it leads on nobody else’s old word');
    assert.equal(story.sees('active', { epoch: 2, seq: 12 }).role, 'standby');
  });

  it('starts alone by right when it was the last one active, after the connection wait and not before', () => {
    const story = new Story({ mark: 'alone', ...SAFETY });
    assert.deepEqual(story.after(story.settings.connectionWaitMs - 50).did, []);
    assert.deepEqual(story.after(50).did, ['promote']);
    assert.equal(story.promotion?.stale, false);
  });

  for (const mark of ['paired', 'following'] as const) {
    it(`never starts alone by itself when it was ${mark}, under prefer-safety`, () => {
      assert.deepEqual(new Story({ mark, ...SAFETY }).after(600_000).did, []);
    });

    it(`starts, possibly stale, after the longer wait when it was ${mark}, under prefer-availability`, () => {
      const story = new Story({ mark });
      assert.deepEqual(story.after(story.settings.staleWaitMs - 50).did, []);
      assert.deepEqual(story.after(50).did, ['promote']);
      assert.equal(story.promotion?.stale, true);
    });
  }

  it('does not wait for anybody in mode independent', () => {
    assert.deepEqual(new Story({ mode: 'independent' }).after(50).did, ['promote']);
  });

  it('waits while a refused peer of this pair is active, however long', () => {
    assert.deepEqual(new Story({ mark: 'alone' }).refusing(600_000, { role: 'active', progress: { epoch: 1, seq: 10 } }).did, []);
  });

  it('starts beside a refused peer of this pair that starts too, if it is the one that would go first', () => {
    const peer = { role: 'starting', progress: { epoch: 1, seq: 9 } } as const;
    assert.ok(new Story({ mark: 'paired' }).refusing(60_000, peer).did.includes('promote'));
    assert.ok(!new Story({ mark: 'paired', progress: [1, 8] }).refusing(60_000, peer).did.includes('promote'));
  });

  it('counts the wait from the moment that a peer fell silent', () => {
    const story = new Story({ mark: 'alone' }).hearing('standby', 2_500, { epoch: 2 });
    assert.deepEqual(story.after(1_000).did, ['drop-link']);
    assert.deepEqual(story.after(story.settings.connectionWaitMs).did, ['promote']);
  });
});

describe('role machine: a standby and what it takes for death', () => {
  it('takes over when the connection closed and every path refuses, under either policy', () => {
    for (const options of [SAFETY, {}]) {
      const story = Story.standby(options).in({ kind: 'link-closed' });
      assert.deepEqual(story.did, ['probe']);
      assert.deepEqual(story.in({ kind: 'probe', refusedEverywhere: true }).did, ['promote']);
      assert.equal(story.promotion?.cause, 'failover');
      assert.equal(story.promotion.stale, false);
    }
  });

  // Story 10612: the active had dropped the link, confirmed alone and stopped, and an older command was written again.
  for (const [what, outlive] of [
    ['was asked and not found dead', (story: Story) => story.in({ kind: 'probe', refusedEverywhere: false })],
    ['said that it ends the connection by itself', () => Story.standby(SAFETY).in({ kind: 'peer-drops' }).in({ kind: 'link-closed' })],
    ['connected again and had not taken this node into the set yet', (story: Story) => story.sees('active', { epoch: 1, seq: 10 }).in({ kind: 'link-closed' })],
  ] as const) {
    it(`may have been overtaken where the other one outlived the connection: it ${what}`, () => {
      const story = outlive(Story.standby(SAFETY).in({ kind: 'link-closed' })).in({ kind: 'probe', refusedEverywhere: true });
      assert.equal(story.promotion?.stale, true);
    });
  }

  it('has not been overtaken once the other one has taken it into the set anew', () => {
    const story = Story.standby(SAFETY).in({ kind: 'link-closed' }).in({ kind: 'probe', refusedEverywhere: false }).sees('active', { epoch: 1, seq: 10 });
    story.in({ kind: 'sync', inSync: false }).in({ kind: 'sync', inSync: true }).in({ kind: 'link-closed' }).in({ kind: 'probe', refusedEverywhere: true });
    assert.equal(story.promotion?.stale, false);
  });

  it('may have been overtaken where the second path told that the other one led on without the link', () => {
    const story = Story.standby().after(500).in({ kind: 'peer-alive', role: 'active' }).after(500).in({ kind: 'peer-alive', role: 'active' }).after(2_000);
    assert.equal(story.promotion?.stale, true);
  });

  it('does not take over when the connection closed and one path answers', () => {
    assert.deepEqual(Story.standby(SAFETY).in({ kind: 'link-closed' }).in({ kind: 'probe', refusedEverywhere: false }).did, []);
  });

  it('does not take a refusal for death while the connection stands', () => {
    assert.deepEqual(Story.standby().in({ kind: 'probe', refusedEverywhere: true }).did, []);
  });

  it('takes over after the heartbeat budget of silence under prefer-availability', () => {
    const story = Story.standby();
    assert.deepEqual(story.after(700).did, []);
    assert.deepEqual(story.after(50).did, ['drop-link', 'promote']);
  });

  it('never takes over for silence under prefer-safety', () => {
    assert.deepEqual(Story.standby(SAFETY).after(600_000).did, ['drop-link']);
  });

  it('takes anything that arrives for a sign of life', () => {
    const story = Story.standby();
    for (let i = 0; i < 20; i++) assert.deepEqual(story.after(500).in({ kind: 'peer-heard' }).did, []);
    assert.deepEqual(story.after(750).did, ['drop-link', 'promote']);
  });

  it('takes over at once at a goodbye of the active', () => {
    assert.deepEqual(Story.standby(SAFETY).in({ kind: 'peer-goodbye' }).did, ['promote']);
  });

  it('does not take over at a goodbye when it is not in sync', () => {
    assert.deepEqual(Story.standby(SAFETY).in({ kind: 'sync', inSync: false }).in({ kind: 'peer-goodbye' }).after(60_000).did.filter((kind) => kind !== 'probe'), []);
  });

  it('outside of the in-sync set waits the longer wait, even under prefer-availability', () => {
    const story = Story.standby().in({ kind: 'sync', inSync: false });
    assert.deepEqual(story.after(story.settings.staleWaitMs - 100).did, ['drop-link']);
    assert.deepEqual(story.after(100).did, ['promote']);
    assert.equal(story.promotion?.stale, true);
  });

  it('asks again and again whether every path refuses, under prefer-safety, however long ago the connection closed', () => {
    const story = Story.standby(SAFETY).in({ kind: 'link-closed' }).in({ kind: 'probe', refusedEverywhere: false });
    assert.ok(story.after(60_000).did.includes('probe'));
    assert.deepEqual(story.in({ kind: 'probe', refusedEverywhere: true }).did, ['promote']);
  });

  it('takes over by a person where the policy waits for one', () => {
    const story = Story.standby(SAFETY).after(5_000);
    assert.deepEqual(story.in({ kind: 'force', by: 'me', witness: false }).did, ['promote']);
    assert.equal(story.promotion?.cause, 'force', 'taken, and not handed over: what this node does not know may have been carried out');
    assert.deepEqual(Story.standby(SAFETY).in({ kind: 'force', by: 'me', witness: false }).did, [], 'while the other one is active');
  });

  it('does nothing by itself while switching is held', () => {
    const story = Story.standby().knowing({ held: true });
    assert.deepEqual(story.after(60_000).did, ['drop-link']);
    assert.deepEqual(story.in({ kind: 'link-closed' }).in({ kind: 'probe', refusedEverywhere: true }).did, []);
    assert.deepEqual(story.knowing({ held: false }).in({ kind: 'probe', refusedEverywhere: true }).did, ['promote']);
  });

  it('never takes a refused peer for dead', () => {
    const story = Story.standby().refusing(600_000);
    assert.deepEqual(story.did, []);
    assert.deepEqual(story.in({ kind: 'probe', refusedEverywhere: true }).did, []);
  });

  it('does not count itself in sync any more when the other one comes back with more', () => {
    const story = Story.standby(SAFETY).in({ kind: 'link-closed' }).sees('starting', { seq: 11 });
    assert.equal(story.state.inSync, false);
    assert.deepEqual(story.in({ kind: 'peer-goodbye' }).did, []);
  });

  it('that was frozen longer than the budget counts from the beginning', () => {
    const story = Story.standby(SAFETY).in({ kind: 'stalled', ms: 5_000, nextBeat: 3 });
    assert.deepEqual(story.did, ['drop-link']);
    assert.equal(story.state.inSync, false);
  });

  it('discounts what it could not hear while it was frozen itself', () => {
    const story = Story.standby();
    story.nowMs += 400;
    assert.deepEqual(story.in({ kind: 'stalled', ms: 400, nextBeat: 1 }).after(700).did, []);
  });

  it('gives up becoming active when the other one was faster', () => {
    const story = Story.standby().in({ kind: 'link-closed' }).in({ kind: 'probe', refusedEverywhere: true }).in({ kind: 'progress', progress: { epoch: 2, seq: 11 } });
    assert.deepEqual(story.sees('active', { epoch: 3, seq: 12 }).did, ['demote']);
    assert.equal(story.in({ kind: 'promoted', nextBeat: 4 }).role, 'standby');
  });
});

describe('role machine: two actives', () => {
  for (const [told, mode, theirs, yields] of [
    ['the higher epoch fences', 'main', 2, true],
    ['the lower epoch is passed over', 'backup', 0, false],
    ['of equals the backup yields', 'backup', 1, true],
    ['of equals the main stays', 'main', 1, false],
  ] as const) {
    it(told, () => {
      const story = Story.active({ mode }).sees('active', { epoch: theirs });
      assert.equal(story.role, yields ? 'standby' : 'active');
      assert.deepEqual(story.did, yields ? ['demote'] : theirs === 1 ? ['promote'] : []);
      if (yields) assert.equal(story.state.mark, 'following');
    });
  }

  it('with a witness in force the one goes that nobody supports, whatever its epoch; the other one gives it the time', () => {
    const met = (untilMs: number, epoch: number): Story => Story.active().knowing({ arming: 'armed', support: { peerUntilMs: 0, witnessUntilMs: untilMs, fromBeat: 0, dueMs: 0 } }).sees('active', { epoch });
    assert.deepEqual(met(0, 0).did, ['demote']);
    const supported = met(1e9, 7);
    assert.deepEqual([supported.role, supported.did], ['active', []]);
    supported.nowMs += 500;
    assert.equal(supported.sees('active', { epoch: 7 }).role, 'active');
    // It was forced, and does without the witness.
    supported.nowMs += 10_000;
    assert.equal(supported.sees('active', { epoch: 7 }).role, 'standby');
  });

  it('opens an epoch above one that it had not heard of, once, and stays active', () => {
    const story = Story.active().sees('starting', { epoch: 5 });
    assert.deepEqual(story.did, ['promote']);
    assert.deepEqual([story.promotion?.cause, story.promotion?.stale], ['arbitration', true], 'it does not know what was done there');
    assert.deepEqual(story.sees('standby', { epoch: 5 }).did, []);
    story.in({ kind: 'progress', progress: { epoch: 6, seq: 11 } }).in({ kind: 'promoted', nextBeat: 2 });
    assert.equal(story.role, 'active');
    assert.deepEqual(story.sees('standby', { epoch: 5 }).did, []);
  });

  it('opens one above its own number, too, where the other node has led in another epoch of it', () => {
    assert.deepEqual(Story.active().sees('starting', { epoch: 1 }).did, []);
    const met = Story.active().in({ kind: 'peer-seen', role: 'starting', mode: 'backup', progress: { epoch: 1, seq: 10 }, echo: 0, apart: true });
    assert.deepEqual([met.did, met.promotion?.stale], [['promote'], true]);
  });
});

describe('role machine: an activation that is overtaken', () => {
  it('does not come back when another active node fenced it meanwhile', () => {
    const story = Story.active().sees('starting', { epoch: 5 });
    assert.deepEqual(story.sees('active', { epoch: 7 }).did, ['demote']);
    assert.equal(story.in({ kind: 'promoted', nextBeat: 2 }).role, 'standby');
  });

  it('does not come back when control was handed over meanwhile', () => {
    const story = Story.active().sees('standby', { epoch: 5 }).in({ kind: 'switch', by: 'me' }).in({ kind: 'peer-ready' }).in({ kind: 'yield-sent' });
    assert.equal(story.in({ kind: 'promoted', nextBeat: 2 }).role, 'standby');
  });
});

describe('role machine: after a freeze', () => {
  it('an active needs the answer to a beat that it sent after it', () => {
    const story = Story.active().in({ kind: 'stalled', ms: 3_000, nextBeat: 7 });
    assert.notEqual(story.state.suspect, undefined);
    assert.notEqual(story.sees('standby', { echo: 6 }).state.suspect, undefined, 'an older answer waited in the socket');
    assert.equal(story.sees('standby', { echo: 7 }).state.suspect, undefined);
  });

  it('does not take the answer of one that has gone further', () => {
    const story = Story.active().in({ kind: 'stalled', ms: 3_000, nextBeat: 7 });
    assert.notEqual(story.sees('standby', { echo: 7, epoch: 2 }).state.suspect, undefined);
  });

  for (const [told, options, alone, goesOn] of [
    ['goes on after the budget under prefer-availability', {}, false, true],
    ['waits under prefer-safety while its standby may have taken over', SAFETY, false, false],
    ['goes on under prefer-safety where it had no standby before', SAFETY, true, true],
  ] as const) {
    it(`without an answer ${told}`, () => {
      const story = Story.active(options);
      if (alone) story.in({ kind: 'link-closed' }).in({ kind: 'stalled', ms: 3_000, nextBeat: 7 });
      else story.in({ kind: 'stalled', ms: 3_000, nextBeat: 7 }).in({ kind: 'link-closed' });
      // Time for a connection that died meanwhile to be noticed and made anew, where there was one.
      assert.notEqual(story.after(alone ? 700 : 1_450).state.suspect, undefined);
      const before = story.promotion;
      story.after(60_000);
      // By the policy it goes on in an epoch of its own, once that is on disk: the other one may have led, and be away.
      assert.equal(story.promotion !== before, goesOn && !alone);
      if (story.state.promoting) story.in({ kind: 'promoted', nextBeat: 8 });
      assert.equal(story.state.suspect === undefined, goesOn);
    });
  }

  it('takes its time, had it been without a standby, once that may have taken over by policy', () => {
    for (const [options, waits] of [[{}, true], [SAFETY, false]] as const) {
      const story = Story.active(options).in({ kind: 'link-closed' });
      story.after(story.settings.staleWaitMs).in({ kind: 'stalled', ms: 3_000, nextBeat: 7 });
      assert.equal(story.state.suspect?.alone, !waits);
      assert.equal(story.after(1_000).state.suspect !== undefined && !story.state.promoting, waits, 'a connection has to be made anew first');
    }
  });

  it('asks every path of the other node meanwhile, and goes on when all refuse', () => {
    const story = Story.active(SAFETY).in({ kind: 'stalled', ms: 3_000, nextBeat: 7 }).in({ kind: 'link-closed' }).after(1_600);
    assert.ok(story.did.includes('probe'));
    assert.notEqual(story.in({ kind: 'probe', refusedEverywhere: false }).state.suspect, undefined);
    assert.deepEqual(story.in({ kind: 'probe', refusedEverywhere: true }).did, ['promote']);
    assert.notEqual(story.state.suspect, undefined, 'no effects before the epoch is on disk');
    assert.equal(story.in({ kind: 'promoted', nextBeat: 8 }).state.suspect, undefined);
  });

  it('that goes on in an epoch of its own is not released by an answer before that epoch is on disk', () => {
    const story = Story.active().in({ kind: 'stalled', ms: 3_000, nextBeat: 7 }).in({ kind: 'link-closed' }).after(1_600);
    assert.ok(story.state.promoting);
    assert.notEqual(story.sees('starting', { echo: 7, epoch: 0 }).state.suspect, undefined);
    assert.equal(story.in({ kind: 'promoted', nextBeat: 8 }).state.suspect, undefined);
  });

  it('is released from doubt by a person', () => {
    const story = Story.active(SAFETY).in({ kind: 'stalled', ms: 3_000, nextBeat: 7 }).in({ kind: 'link-closed' }).after(5_000);
    assert.deepEqual(story.in({ kind: 'force', by: 'me', witness: false }).did, ['promote']);
    assert.equal(story.in({ kind: 'promoted', nextBeat: 8 }).state.suspect, undefined);
  });

  it('is fenced, and suspects nothing any more, when the other one has taken over', () => {
    const story = Story.active().in({ kind: 'stalled', ms: 3_000, nextBeat: 7 }).sees('active', { epoch: 2 });
    assert.equal(story.role, 'standby');
    assert.equal(story.state.suspect, undefined);
  });

  it('has no effects when it froze while it gave control away and the hand-over fails', () => {
    const story = Story.active().in({ kind: 'switch', by: 'me' }).in({ kind: 'peer-ready' });
    assert.equal(story.role, 'yielding');
    story.in({ kind: 'stalled', ms: 3_000, nextBeat: 7 }).in({ kind: 'handover-failed', reason: 'the standby is gone' });
    assert.equal(story.role, 'active');
    assert.notEqual(story.state.suspect, undefined);
  });

  it('keeps a promotion that it overslept from having effects', () => {
    const story = Story.standby().in({ kind: 'link-closed' }).in({ kind: 'probe', refusedEverywhere: true }).in({ kind: 'stalled', ms: 3_000, nextBeat: 7 });
    assert.notEqual(story.in({ kind: 'promoted', nextBeat: 8 }).state.suspect, undefined);
  });
});

describe('role machine: hand-over and hand-back', () => {
  it('goes prepare, ready, yield, standby', () => {
    const story = Story.active().in({ kind: 'switch', by: 'me' });
    assert.deepEqual(story.did, ['prepare-handover']);
    assert.equal(story.role, 'active');
    assert.deepEqual(story.in({ kind: 'peer-ready' }).did, ['yield']);
    assert.equal(story.role, 'yielding');
    assert.deepEqual(story.in({ kind: 'yield-sent' }).did, ['demote']);
    assert.equal(story.role, 'standby');
    assert.equal(story.state.inSync, true);
  });

  it('is irrevocable once it is sent: only a promotion gives the role back', () => {
    const story = Story.active().in({ kind: 'switch', by: 'me' }).in({ kind: 'peer-ready' }).in({ kind: 'yield-sent' });
    assert.equal(story.in({ kind: 'handover-failed', reason: 'late' }).role, 'standby');
    assert.deepEqual(story.in({ kind: 'peer-goodbye' }).did, ['promote']);
  });

  it('is taken by a standby at once', () => {
    const story = Story.standby().in({ kind: 'yielded', cause: 'switch' });
    assert.deepEqual(story.did, ['promote']);
    assert.equal(story.promotion?.owedToMain, false);
  });

  it('is given up when what it stops does not end', () => {
    const story = Story.active().in({ kind: 'switch', by: 'me' }).in({ kind: 'peer-ready' });
    assert.equal(story.hearing('standby', 1_900).role, 'yielding');
    assert.equal(story.hearing('standby', 200).role, 'active');
  });

  it('is given up when the other one does not get ready in time, and while everything stops', () => {
    const story = Story.active().in({ kind: 'switch', by: 'me' }).hearing('standby', 1_000);
    assert.equal(story.state.handover, undefined);
    assert.equal(story.role, 'active');
    story.in({ kind: 'switch', by: 'me' }).in({ kind: 'peer-ready' }).in({ kind: 'handover-failed', reason: 'disk' });
    assert.equal(story.role, 'active');
  });

  for (const [told, make, expected] of [
    ['a standby', (): Story => Story.standby(), /not active/],
    ['without a peer', (): Story => Story.active().in({ kind: 'link-closed' }), /not connected/],
    ['with a refused peer', (): Story => Story.active().in({ kind: 'peer-refused', reason: 'site' }), /refused: site/],
    ['with a peer that is not in sync', (): Story => Story.active().in({ kind: 'sync', inSync: false }), /not in sync/],
    ['while one is under way', (): Story => Story.active().in({ kind: 'switch', by: 'me' }), /under way/],
  ] as const) {
    it(`is refused: ${told}`, () => {
      const story = make();
      assert.match(switchRefusal(story.state) ?? '', expected);
      assert.deepEqual(story.in({ kind: 'switch', by: 'me' }).did, []);
    });
  }

  const AUTOMATIC: RigOptions = { mode: 'backup', settings: { recovery: 'automatic' } };

  it('is owed to the main after its loss, and begins when it has been in sync for the hold time', () => {
    const story = Story.standby(AUTOMATIC).in({ kind: 'peer-goodbye' });
    assert.equal(story.promotion?.owedToMain, true);
    story.in({ kind: 'promoted', nextBeat: 1 }).sees('standby').in({ kind: 'sync', inSync: true });
    story.hearing('standby', 4_900);
    assert.equal(story.state.handover, undefined);
    assert.equal(story.hearing('standby', 300).state.handover?.cause, 'recovery');
  });

  it('counts the hold time anew when the main drops out of sync', () => {
    const story = Story.standby(AUTOMATIC).in({ kind: 'peer-goodbye' }).in({ kind: 'promoted', nextBeat: 1 }).sees('standby').in({ kind: 'sync', inSync: true }).hearing('standby', 4_000);
    story.in({ kind: 'sync', inSync: false }).in({ kind: 'sync', inSync: true }).hearing('standby', 4_000);
    assert.equal(story.state.handover, undefined);
  });

  it('is not owed after a switch by a person, nor after a start that follows one', () => {
    assert.equal(Story.standby(AUTOMATIC).in({ kind: 'yielded', cause: 'switch' }).promotion?.owedToMain, false);
    assert.equal(new Story({ ...AUTOMATIC, keepsControl: true, progress: [2, 1] }).sees('starting').promotion?.owedToMain, false);
    assert.equal(new Story({ ...AUTOMATIC, progress: [2, 1] }).sees('starting').promotion?.owedToMain, true);
  });

  it('stops by itself after three within the hour', () => {
    const story = Story.standby(AUTOMATIC).in({ kind: 'peer-goodbye' });
    for (let i = 0; i < 4; i++) {
      story.knowing({ recentMoves: i }).in({ kind: 'promoted', nextBeat: 1 }).sees('standby').in({ kind: 'sync', inSync: true });
      // Each time it waits twice as long.
      if (i > 0) assert.equal(story.hearing('standby', 5_000 * 2 ** i - 300).state.handover, undefined);
      story.hearing('standby', i > 0 ? 600 : 5_300);
      if (i === 3) break;
      assert.equal(story.state.handover?.cause, 'recovery', `hand-back ${i + 1}`);
      story.in({ kind: 'peer-ready' }).in({ kind: 'yield-sent' }).sees('active').in({ kind: 'sync', inSync: true }).in({ kind: 'peer-goodbye' });
    }
    assert.equal(story.state.handover, undefined);
    assert.equal(story.state.owedToMain, false);
    assert.ok(story.state.recoverySuspended);
    assert.ok(story.effects.some((effect) => effect.kind === 'event' && effect.what === 'automatic recovery suspended'));
  });
});
