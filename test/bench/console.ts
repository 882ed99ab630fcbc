import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CDPSession, Page } from 'playwright-core';
import { Browser } from '../console/browser.js';
import { json } from '../system/demo-pair.js';
import { dist, freePorts, TOKEN, until } from '../system/processes.js';
import { rssBytes } from './e2e/peer-process.js';
import { consoleBytes } from './fanout.js';
import type { BenchOptions } from './main.js';

const DEVICES = 100;
const SIGNALS = ['SaT', 'RaT', 'SaTSp', 'FanCmd', 'FanSts', 'DmpPos', 'VlvPos', 'CO2', 'Flow', 'Kw'];
const COMPARED = 200;
/** A page that takes half a minute is not usable: the bench ends there. */
const PATIENCE_MS = 60_000;

/** What one thing that a person does costs: until it is on the screen, and the longest that the page could not react meanwhile. */
interface Cost {
  readonly ms: number;
  readonly cpuMs: number;
  readonly longestTaskMs: number;
}

/**
 * The built console on a whole node with 100,000 points, in a headless Chromium: how long the points page takes to show rows,
 * to search, filter and sort, how smooth it scrolls, how long the page is busy in one piece, and what it holds. A tenth of the
 * points change each second all the while. Then the feed stands still, and the rows are compared with what REST says.
 */
export async function consoleBench({ points, cycles, log }: BenchOptions): Promise<Record<string, unknown>> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-console-bench-'));
  const updatesPerSecond = points / 10;
  const node = await startNode(folder, points);
  let browser: Browser | undefined;
  try {
    // Each device has a feed of its own.
    const feed = (updates: number): boolean => node.child.send({ feed: { updatesPerSecond: updates / DEVICES } });
    feed(points * 5);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    feed(updatesPerSecond);
    browser = await Browser.open();
    await browser.context.addInitScript(watchTasks);
    const page = await browser.page('about:blank');
    page.setDefaultTimeout(PATIENCE_MS);
    const cdp = await browser.context.newCDPSession(page);
    // CPU of the main thread, and not the time that other programs take from it.
    await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });

    const startMs = performance.now();
    await page.goto(`${node.url}/#/points`);
    await page.getByTestId('point-row').first().waitFor();
    const firstRowsMs = performance.now() - startMs;
    const opened = { ms: Math.round(firstRowsMs), cpuMs: Math.round((await metric(cdp, 'TaskDuration')) * 1_000), longestTaskMs: await longestTask(page) };
    log(`first rows of ${points} points after ${opened.ms} ms, ${opened.cpuMs} ms of CPU, longest task ${opened.longestTaskMs} ms`);
    const rowCount = Number(await page.getByRole('table').getAttribute('aria-rowcount')) - 1;

    await page.waitForTimeout(2_000);
    await longestTask(page);
    const idle = await watch(page, cdp, cycles, async () => page.waitForTimeout(cycles * 1_000));
    log(`${updatesPerSecond} changes/s: ${idle.framesPerSecond} frames/s, main thread ${percent(idle.cpuShare)} of a core, longest task ${idle.longestTaskMs} ms`);
    const scrolled = await watch(page, cdp, cycles, async () => page.evaluate<undefined>(scrollThrough(cycles * 1_000)));
    log(`scrolling through all of them: ${scrolled.framesPerSecond} frames/s, longest task ${scrolled.longestTaskMs} ms`);

    const search = page.getByTestId('point-search').locator('input');
    const last = `D${DEVICES - 1}.${SIGNALS.at(-1) ?? ''}${Math.floor(points / DEVICES / SIGNALS.length) - 1}`;
    const searched = await cost(page, cdp, async () => search.fill(last.toLowerCase()), `document.querySelectorAll('[data-testid=point-row]').length === 1 && document.querySelector('[data-point="${last}"]') !== null`);
    const cleared = await cost(page, cdp, async () => search.fill(''), countIs(points));
    const sorted = await cost(page, cdp, async () => page.getByTestId('sort-value').click(), `document.querySelector('[role=columnheader][aria-sort=ascending]') !== null`);
    const unsorted = await cost(page, cdp, async () => { for (let click = 0; click < 2; click++) await page.getByTestId('sort-value').click(); }, `document.querySelector('[aria-sort=ascending],[aria-sort=descending]') === null`);
    const filtered = await cost(page, cdp, async () => page.evaluate(`location.hash = '#/points?device=D7'`), countIs(points / DEVICES));
    await page.evaluate(`location.hash = '#/points'`);
    for (const [what, { ms, cpuMs, longestTaskMs }] of Object.entries({ searched, cleared, sorted, unsorted, filtered })) log(`${what}: ${ms} ms, ${cpuMs} ms of CPU, longest task ${longestTaskMs} ms`);

    feed(0);
    await page.waitForTimeout(1_000);
    const wrong = await compare(page, node.url, points);
    await cdp.send('HeapProfiler.collectGarbage');
    const heapMb = Math.round((await metric(cdp, 'JSHeapUsedSize')) / 1e6);
    log(`${rowCount} rows, ${wrong.length} of ${COMPARED} compared with REST are not the same; heap ${heapMb} MB; node ${Math.round(rssBytes(node.child.pid ?? 0).now / 1e6)} MB`);
    return { points, rows: rowCount, updatesPerSecond, opened, idle, scrolled, searched, cleared, sorted, unsorted, filtered, heapMb, wrong, complaints: browser.complaints, consoleBytes: consoleBytes() };
  } finally {
    await browser?.close();
    node.child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function startNode(folder: string, points: number): Promise<{ child: ChildProcess; url: string }> {
  const [port = 0] = await freePorts(1);
  const [site, file] = [join(folder, 'site.yaml'), join(folder, 'node.yaml')];
  const devices = Array.from({ length: DEVICES }, (_, device) => `  D${device}: {driver: bench-feed}`);
  const each = points / DEVICES;
  const rows = Array.from({ length: points }, (_, index) => {
    const [device, within] = [Math.floor(index / each), index % each];
    return `  "D${device}.${SIGNALS[within % SIGNALS.length] ?? ''}${Math.floor(within / SIGNALS.length)}": {device: D${device}, unit: degC, area: "Tower ${device % 10}/Floor ${within % 20}"}`;
  });
  writeFileSync(site, ['site: {name: large, timezone: UTC}', 'devices:', ...devices, 'points:', ...rows, ''].join('\n'));
  writeFileSync(file, `node: {id: A, mode: independent, data: ${join(folder, 'data')}, token: ${TOKEN}, access: open, listen: {console: "127.0.0.1:${port}"}}\n`);
  const child = fork(join(dist, 'test/bench/sync-node.js'), [site, file, '40', join(dist, 'console')], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  await new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', () => reject(new Error('the node has ended')));
  });
  const url = `http://127.0.0.1:${port}`;
  await until('the node is active', async () => ((await fetch(`${url}/active`)).ok ? true : undefined), 60_000);
  return { child, url };
}

/** Does it, and waits in the page, frame by frame, until `shown` holds. */
async function cost(page: Page, cdp: CDPSession, act: () => Promise<void>, shown: string): Promise<Cost> {
  await longestTask(page);
  const done = page.evaluate<number>(`new Promise((resolve) => {
    const from = performance.now();
    const look = () => ((${shown}) ? resolve(performance.now()) : performance.now() - from > ${PATIENCE_MS} ? resolve(NaN) : requestAnimationFrame(look));
    requestAnimationFrame(look);
  })`);
  const before = await metric(cdp, 'TaskDuration');
  const beganMs = await page.evaluate<number>('performance.now()');
  await act();
  const endedMs = await done;
  const cpuMs = Math.round(((await metric(cdp, 'TaskDuration')) - before) * 1_000);
  await page.waitForTimeout(300);
  return { ms: Math.round(endedMs - beganMs), cpuMs, longestTaskMs: await longestTask(page) };
}

const countIs = (count: number): string => `document.querySelector('[role=table]')?.getAttribute('aria-rowcount') === '${count + 1}'`;

async function watch(page: Page, cdp: CDPSession, seconds: number, work: () => Promise<void>): Promise<{ framesPerSecond: number; cpuShare: number; longestTaskMs: number }> {
  await longestTask(page);
  const before = await metric(cdp, 'TaskDuration');
  const frames = page.evaluate<number>(`new Promise((resolve) => {
    let count = 0;
    const end = performance.now() + ${seconds * 1_000};
    const frame = () => (++count, performance.now() < end ? requestAnimationFrame(frame) : resolve(count));
    requestAnimationFrame(frame);
  })`);
  await work();
  const framesPerSecond = Math.round((await frames) / seconds);
  const cpuShare = Math.round(((await metric(cdp, 'TaskDuration')) - before) / seconds * 100) / 100;
  return { framesPerSecond, cpuShare, longestTaskMs: await longestTask(page) };
}

/** Rows at places all over the table, as the page shows them and as REST has them. */
async function compare(page: Page, url: string, points: number): Promise<readonly string[]> {
  const wrong: string[] = [];
  const every = Math.floor(points / COMPARED);
  for (let index = 0; index < points; index += every) {
    const shown = await page.evaluate<readonly [string, string]>(`new Promise((resolve) => {
      const table = document.querySelector('[role=table]');
      const row = () => document.querySelector('[data-testid=point-row][aria-rowindex="${index + 2}"]');
      table.scrollTop = ${index} / ${points} * table.querySelector('.table-body').offsetHeight;
      table.dispatchEvent(new Event('scroll'));
      const look = () => (row() === null ? requestAnimationFrame(look) : resolve([row().dataset.point, row().querySelector('[data-testid=point-value]').innerText]));
      requestAnimationFrame(look);
    })`);
    const { value } = await json<{ value: number }>(`${url}/api/v1/points/${encodeURIComponent(shown[0])}`);
    if (Math.abs(Number.parseFloat(shown[1]) - value) > 0.051) wrong.push(`${shown[0]}: ${shown[1]} is ${value}`);
  }
  return wrong;
}

/** Down the whole table and back, a step in each frame. */
const scrollThrough = (forMs: number): string => `new Promise((resolve) => {
  const table = document.querySelector('[role=table]');
  const from = performance.now();
  const step = () => {
    const share = (performance.now() - from) / ${forMs};
    table.scrollTop = (share < 0.5 ? share : 1 - share) * 2 * (table.scrollHeight - table.clientHeight);
    if (share < 1) requestAnimationFrame(step); else resolve(0);
  };
  requestAnimationFrame(step);
})`;

const watchTasks = `window.tasks = []; new PerformanceObserver((list) => window.tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({ type: 'longtask', buffered: true });`;

/** Of those since it was asked before; 0 where none took more than 50 ms. */
async function longestTask(page: Page): Promise<number> {
  return page.evaluate<number>('(() => { const most = Math.round(Math.max(0, ...window.tasks)); window.tasks = []; return most; })()');
}

async function metric(cdp: CDPSession, name: string): Promise<number> {
  const { metrics } = await cdp.send('Performance.getMetrics');
  return metrics.find((entry) => entry.name === name)?.value ?? NaN;
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;
