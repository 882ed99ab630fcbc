import type { Parameter } from './parameters.js';
import type { Problem } from './problems.js';

/**
 * What a value has to be for something to be drawn. A condition that says nothing holds always; all that it says has to hold.
 * A value that is not known (bad, or never read) meets no condition.
 */
export interface GraphicCondition {
  /** In place of the element's own point. */
  readonly point?: string;
  /** One of these: names of states, true, false, numbers, texts. */
  readonly is?: GraphicValue | readonly GraphicValue[];
  /** The value is more than this, in the unit of the point. */
  readonly above?: number;
  /** The value is less than this. */
  readonly below?: number;
}

export type GraphicValue = string | number | boolean;

/** Colours that the console knows, each readable in light and dark; a drawing may also ask for `#rrggbb`. Grey is normal (ISA-101). */
export const graphicColours = ['normal', 'off', 'on', 'cold', 'cool', 'comfort', 'warm', 'hot', 'air', 'water', 'attention', 'alarm'] as const;

/** The first rule whose condition holds gives the colour; where none does, it stays as it is drawn. */
export interface ColourRule extends GraphicCondition {
  readonly colour: string;
}

/** What a drawn element does with the values of points (site document, `graphics:` … `elements:`). */
export interface ElementBinding {
  /** Of everything below that names no other one. */
  readonly point?: string;
  /** How the element is called by a screen reader and in the list of values; else the point's description or name. */
  readonly label?: string;
  /** The value in place of the element's text: a state by its name, a number with its unit. */
  readonly text?: true | TextBinding;
  readonly fill?: readonly ColourRule[];
  readonly stroke?: readonly ColourRule[];
  /** Shown while one of these holds. */
  readonly show?: readonly GraphicCondition[];
  /** Turns round and round while one of these holds; stands still for people who want no motion. */
  readonly spin?: readonly GraphicCondition[];
  readonly turn?: TurnBinding;
  readonly level?: LevelBinding;
  /** What a click does: details of the point (where there is one), a command with its confirmation, another graphic. */
  readonly open?: 'point' | 'command' | 'nothing' | { readonly graphic: string };
}

export interface TextBinding {
  readonly point?: string;
  /** Places after the point; else as the unit deserves. */
  readonly decimals?: number;
  /** Whether the unit stands behind a number. */
  readonly unit?: boolean;
  readonly before?: string;
}

/** From `from` (drawn as it is) to `to` (turned by `degrees`, clockwise), about its middle. */
export interface TurnBinding {
  readonly point?: string;
  readonly from: number;
  readonly to: number;
  readonly degrees: number;
}

/** From nothing at `from` to its drawn size at `to`. */
export interface LevelBinding {
  readonly point?: string;
  readonly from: number;
  readonly to: number;
  readonly grows: 'up' | 'down' | 'left' | 'right';
}

/** One page of the plant: a drawing, and what its elements do. */
export interface GraphicDefinition {
  readonly name: string;
  readonly title: string;
  readonly area?: string;
  /** The graphic above this one in the tree. */
  readonly under?: string;
  /** `theme`: greys follow light and dark; `drawn`: every colour stays as it is drawn, on white. */
  readonly colours: 'theme' | 'drawn';
  /** Checked and cleaned SVG: elements and attributes of a list only, no reference to the outside. */
  readonly svg: string;
  readonly elements: Readonly<Record<string, ElementBinding>>;
  /** The one of `drawings:` that this page shows with its own parameters. */
  readonly drawing?: string;
  readonly parameters?: Readonly<Record<string, Parameter>>;
}

export type GraphicInfo = Pick<GraphicDefinition, 'name' | 'title' | 'area' | 'under' | 'drawing'> & {
  /** Changes with whatever a client shows of it. */
  readonly version: string;
  /** Points that its elements show. */
  readonly points: readonly string[];
};

/** An element of a drawing that something can be bound to. */
export interface DrawnElement {
  readonly id: string;
  /** `rect`, `g`, `text` … */
  readonly kind: string;
  /** Its title, or the text in it. */
  readonly text?: string;
}

/** What a check of a graphic found: everything at once, nothing is changed. */
export interface GraphicCheck {
  readonly ok: boolean;
  readonly problems: readonly Problem[];
  /** Absent where the drawing itself is refused. */
  readonly drawing?: { readonly svg: string; readonly elements: readonly DrawnElement[] };
}

/** One figure of the overview (site document, `kpis:`). */
export type KpiDefinition = { readonly title: string; readonly open?: string } & (
  | { readonly show: 'point'; readonly point: string; readonly decimals?: number; readonly low?: number; readonly high?: number }
  /** How far a counter has come since midnight in the time zone of the site. */
  | { readonly show: 'today'; readonly point: string; readonly decimals?: number }
  /** How many of these points meet the condition. */
  | { readonly show: 'count'; readonly points: readonly string[]; readonly is?: GraphicValue; readonly above?: number; readonly below?: number }
  | { readonly show: 'alarms' | 'points' | 'devices' | 'active-node' | 'pair' }
);

/** Points of a binding, its own one first. */
export function pointsOfBinding({ point, text, fill, stroke, show, spin, turn, level }: ElementBinding): string[] {
  const of = [point, text === true ? undefined : text?.point, turn?.point, level?.point, ...[fill, stroke, show, spin].flatMap((rules) => (rules ?? []).map((rule: GraphicCondition) => rule.point))];
  return [...new Set(of.filter((name) => name !== undefined))];
}

/** The address within the console that shows a graphic, with one of its elements marked. */
export function graphicAddress(graphic: string, element?: string): string {
  return `#/graphics?${new URLSearchParams({ name: graphic, ...(element === undefined ? {} : { element }) }).toString()}`;
}
