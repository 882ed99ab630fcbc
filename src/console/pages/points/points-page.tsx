import { iconSearch } from '@siemens/ix-icons/icons';
import { useCallback, useMemo, useState, type ReactNode } from 'react';
import type { ClientPoint } from '../../../client-sdk/index.js';
import { Empty } from '../../components/empty.js';
import { PageHeader } from '../../components/page-header.js';
import { VirtualTable, type Column } from '../../components/virtual-table.js';
import { isWritable } from '../../data/plant-view.js';
import { useMayAt, usePlant, useServices, useStore } from '../../data/services.js';
import { texts } from '../../texts.js';
import { noFilter, type PointFilter } from './point-filter.js';
import { nextSort, sortKeys, type Sort } from './point-order.js';
import { PointDrawer } from './point-drawer.js';
import { PointFilters } from './point-filters.js';
import { PointRow } from './point-row.js';
import { PointSortChoice } from './point-sort-choice.js';
import { useShownPoints } from './use-shown-points.js';
import { WriteDialog } from './write-dialog.js';

const { columns: titles } = texts.points;
const columns: readonly Column[] = [
  { key: 'name', sortable: true, title: titles.name },
  { key: 'value', sortable: true, title: titles.value, align: 'end' },
  { key: 'quality', sortable: true, title: titles.quality },
  { key: 'time', sortable: true, title: titles.time },
  { key: 'device', sortable: true, title: titles.device },
  { key: 'action', title: titles.action },
];

/** All points with their present values; search, filter, write. */
export function PointsPage({ onSignIn }: { readonly onSignIn: () => void }): ReactNode {
  const { router, session } = useServices();
  const { query } = useStore(router);
  const token = useStore(session);
  const view = usePlant((present) => present);
  const mayAt = useMayAt('operator');
  const writable = isWritable(view);
  const [typed, setTyped] = useState<Partial<PointFilter>>({});
  const [writing, setWriting] = useState<string>();
  const [opened, setOpened] = useState<string>();
  const detailed = opened === undefined ? undefined : view.points.find((point) => point.name === opened);
  const filter = useMemo(() => ({ ...noFilter, ...fromQuery(query), ...typed }), [query, typed]);
  const [sort, setSort] = useState<Sort>();
  const shown = useShownPoints(view, filter, sort);
  const at = (index: number): ClientPoint | undefined => view.points[shown[index] ?? -1];

  const change = useCallback((changed: Partial<PointFilter>) => setTyped((present) => ({ ...present, ...changed })), []);
  const write = useCallback(
    (point: ClientPoint) => {
      if (token === undefined) onSignIn();
      else setWriting(point.name);
    },
    [token, onSignIn],
  );

  return (
    <>
      <PageHeader title={texts.pages.points} subtitle={texts.points.count(shown.length, view.points.length)} />
      <PointFilters filter={filter} points={view.points} shape={view.shape} onChange={change} />
      <PointSortChoice sort={sort} onChange={setSort} />
      {shown.length === 0 ? (
        <Empty icon={iconSearch} header={view.points.length === 0 ? texts.points.empty : texts.points.none} detail={view.points.length === 0 ? texts.points.emptyDetail : texts.points.noneDetail} />
      ) : (
        <VirtualTable
          label={texts.points.table}
          kind="points"
          columns={columns}
          count={shown.length}
          sort={sort}
          onSort={(key) => {
            const found = sortKeys.find((each) => each === key);
            if (found !== undefined) setSort((present) => nextSort(present, found));
          }}
          onOpen={(index) => {
            const point = at(index);
            if (point !== undefined) setOpened(point.name);
          }}
          renderRow={(index, selected) => {
            const point = at(index);
            if (point === undefined) return null;
            return <PointRow point={point} position={index} selected={selected} writable={writable} may={mayAt(point.area)} onWrite={write} onOpen={setOpened} />;
          }}
        />
      )}
      {detailed === undefined ? null : <PointDrawer key={detailed.name} point={detailed} writable={writable && mayAt(detailed.area)} onSignIn={onSignIn} onWrite={write} onClose={() => setOpened(undefined)} />}
      {writing === undefined ? null : <WriteDialog name={writing} onClose={() => setWriting(undefined)} />}
    </>
  );
}

/** Links from other pages carry a filter: `#/points?device=plc-ahu`, `#/points?quality=notGood`. */
function fromQuery(query: Readonly<Record<string, string>>): Partial<PointFilter> {
  return {
    ...(query.device === undefined ? {} : { device: query.device }),
    ...(query.area === undefined ? {} : { area: query.area }),
    ...(query.tag === undefined ? {} : { tag: query.tag }),
    ...(query.search === undefined ? {} : { search: query.search }),
    ...(query.quality === 'notGood' || query.quality === 'good' ? { quality: query.quality } : {}),
  };
}
