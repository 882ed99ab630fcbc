import { Fragment, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { texts } from '../texts.js';
import { usePhone } from './use-phone.js';

export interface Column {
  readonly key: string;
  readonly title: string;
  readonly align?: 'end';
  /** Its title is a button, which asks for another order. */
  readonly sortable?: boolean;
}

interface VirtualTableProps {
  readonly label: string;
  readonly columns: readonly Column[];
  /** Names the column widths in the style sheet. */
  readonly kind: string;
  readonly count: number;
  /** A row with a key keeps its elements to itself. */
  readonly renderRow: (index: number, selected: boolean) => ReactNode;
  /** Enter on the selected row. */
  readonly onOpen?: (index: number) => void;
  /** The order that the rows are in; none: as they come. */
  readonly sort?: { readonly key: string; readonly descending: boolean } | undefined;
  readonly onSort?: (key: string) => void;
}

const rowHeight = 40;
const phoneRowHeight = 84;
const overscan = 6;

/**
 * A table of any length that keeps only the visible rows in the page. All rows have the same height,
 * so the scroll position tells which ones they are. Arrow keys move the selection, Enter opens it.
 */
export function VirtualTable({ label, columns, kind, count, renderRow, onOpen, sort, onSort }: VirtualTableProps): ReactNode {
  const height = usePhone() ? phoneRowHeight : rowHeight;
  const scroller = useRef<HTMLDivElement>(null);
  const [{ top, visible }, setScroll] = useState({ top: 0, visible: 600 });
  const [selected, setSelected] = useState(-1);

  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    const measure = (): void => setScroll({ top: element.scrollTop, visible: element.clientHeight });
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    element.addEventListener('scroll', measure, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', measure);
    };
  }, []);

  const select = (index: number): void => {
    const next = Math.max(0, Math.min(count - 1, index));
    setSelected(next);
    const element = scroller.current;
    if (element === null) return;
    if (next * height < element.scrollTop) element.scrollTop = next * height;
    else if ((next + 2) * height > element.scrollTop + element.clientHeight) element.scrollTop = (next + 2) * height - element.clientHeight;
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    // Keys of a control within a row are its own.
    if (event.target !== event.currentTarget) return;
    const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: Math.floor(visible / height) - 1, PageUp: 1 - Math.floor(visible / height), Home: -count, End: count };
    const step = steps[event.key];
    if (step !== undefined) select((selected < 0 && step > 0 ? -1 : selected) + step);
    else if (event.key === 'Enter' && selected >= 0) onOpen?.(selected);
    else return;
    event.preventDefault();
  };

  const first = Math.max(0, Math.floor(top / height) - overscan);
  const last = Math.min(count, Math.ceil((top + visible) / height) + overscan);
  const rows: ReactNode[] = [];
  // A row that has left the page lends its elements to the one that comes in: to fill them in anew is cheaper than to make them.
  const pool = Math.ceil(visible / height) + 2 * overscan + 1;
  for (let index = first; index < last; index++) rows.push(<Fragment key={index % pool}>{renderRow(index, index === selected)}</Fragment>);

  return (
    <div className={`table table-${kind}`} role="table" aria-label={label} aria-rowcount={count + 1} aria-colcount={columns.length} tabIndex={0} ref={scroller} onKeyDown={onKeyDown}>
      <div className="table-head table-row" role="row" aria-rowindex={1}>
        {columns.map(({ key, title, align, sortable }) => {
          const order = sort?.key !== key ? undefined : sort.descending ? 'descending' : 'ascending';
          return (
            <div key={key} role="columnheader" className={align === 'end' ? 'cell cell-end' : 'cell'} aria-sort={order}>
              {sortable === true ? (
                <button type="button" className="sort" onClick={() => onSort?.(key)} title={texts.table.sort[order ?? 'none'](title)} data-testid={`sort-${key}`}>
                  {title}
                  <span aria-hidden="true">{order === undefined ? '' : order === 'ascending' ? ' ▲' : ' ▼'}</span>
                </button>
              ) : (
                title
              )}
            </div>
          );
        })}
      </div>
      <div role="rowgroup" className="table-body" style={{ height: count * height }}>
        <div style={{ transform: `translateY(${first * height}px)` }}>{rows}</div>
      </div>
    </div>
  );
}
