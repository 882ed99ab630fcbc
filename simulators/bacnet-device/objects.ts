/** Objects of a virtual device: properties, priority array with relinquish default (clauses 12 and 19.2). */
import type { Facet } from './modules.js';
import { RAW, type ObjectId, type WireValue } from './wire.js';

export const objectTypes = { AI: 0, AO: 1, AV: 2, BI: 3, BO: 4, BV: 5, MI: 13, MO: 14, MV: 19, LP: 12, ACC: 23, PC: 24, CSV: 40, IV: 45, LAV: 46, PIV: 48 } as const;
export type ObjectTypeName = keyof typeof objectTypes;

export interface ObjectOptions {
  readonly type: ObjectTypeName;
  readonly instance: number;
  readonly name?: string;
  /** Present value, or relinquish default of a commandable object; binary 0/1, multi-state 1 … states. */
  readonly value?: number | string;
  /** Outputs always are; values are unless said otherwise; inputs never. */
  readonly commandable?: boolean;
  readonly covIncrement?: number;
  readonly states?: number;
  readonly units?: number;
  readonly description?: string;
  /** State_Text of a multi-state object; Inactive_Text and Active_Text of a binary one. */
  readonly stateTexts?: readonly string[];
  /** False: it has no Reliability, which is optional for most objects. */
  readonly reliability?: boolean;
}

/** A property error, with class and code of clause 18. */
export class PropertyFault extends Error {
  /** Of a list: which element it was, counted from 1; 0 where it was none. */
  firstFailed = 0;
  /** Of several writes: the one that failed. */
  attempt: { readonly object: ObjectId; readonly property: number; readonly index?: number } | undefined;

  constructor(readonly errorClass: number, readonly errorCode: number) {
    super(`class ${errorClass}, code ${errorCode}`);
  }
}

export const faults = {
  unknownObject: () => new PropertyFault(1, 31),
  unknownProperty: () => new PropertyFault(2, 32),
  invalidDataType: () => new PropertyFault(2, 9),
  valueOutOfRange: () => new PropertyFault(2, 37),
  writeAccessDenied: () => new PropertyFault(2, 40),
  invalidIndex: () => new PropertyFault(2, 42),
  notAnArray: () => new PropertyFault(2, 50),
  notCov: () => new PropertyFault(1, 45),
  notCovProperty: () => new PropertyFault(2, 44),
  noSpaceToSubscribe: () => new PropertyFault(3, 19),
  optionalFunctionality: () => new PropertyFault(2, 45),
  notAList: () => new PropertyFault(5, 22),
  noAlarmConfigured: () => new PropertyFault(1, 74),
  inconsistentParameters: () => new PropertyFault(5, 7),
  parameterOutOfRange: () => new PropertyFault(5, 80),
  listElementNotFound: () => new PropertyFault(5, 81),
  notNumbered: () => new PropertyFault(5, 140),
  notTimeStamped: () => new PropertyFault(5, 141),
  serviceOption: () => new PropertyFault(5, 45),
  passwordFailure: () => new PropertyFault(4, 26),
};

const valueTags: Record<ObjectTypeName, number> = { AI: 4, AO: 4, AV: 4, BI: 9, BO: 9, BV: 9, MI: 2, MO: 2, MV: 2, LP: 4, ACC: 2, PC: 4, CSV: 7, IV: 3, LAV: 5, PIV: 2 };

const real = (value: number): WireValue => ({ tag: 4, value });
/** References of a loop to what it measures and moves: to no object; its setpoint is its own. A date and time that is not known. A scale of ten to the power of 0. */
const nothing: WireValue = { tag: RAW, value: Buffer.from('0c003fffff1955', 'hex') };
const setpointIsOwn: WireValue = { tag: RAW, value: Buffer.alloc(0) };
const never: WireValue = { tag: RAW, value: Buffer.from('a4ffffffffb4ffffffff', 'hex') };
/** What these types have besides what all have: loop setpoint and output units, accumulator limit, pulse converter scale and count. */
const further: Partial<Record<ObjectTypeName, ReadonlyMap<number, WireValue>>> = {
  LP: new Map<number, WireValue>([[60, nothing], [19, nothing], [109, setpointIsOwn], [108, real(0)], [82, { tag: 9, value: 98 }], [20, { tag: 9, value: 62 }], [21, real(0)], [2, { tag: 9, value: 0 }], [88, { tag: 2, value: 16 }]]),
  ACC: new Map<number, WireValue>([[187, { tag: RAW, value: Buffer.from('1900', 'hex') }], [65, { tag: 2, value: 4_294_967_295 }], [182, { tag: 2, value: 60 }]]),
  PC: new Map<number, WireValue>([[188, real(1)], [176, real(0)], [177, { tag: 2, value: 0 }], [178, { tag: 2, value: 0 }], [179, never], [189, never]]),
};
const writableFurther = new Set([21, 108, 188]);
const PROPERTY_LIST = 371;
/** Priority_Array, State_Text, Event_Time_Stamps, Property_List. */
const arrays: readonly number[] = [87, 110, 130, PROPERTY_LIST];
/** Active_Text, COV_Increment, Description, Inactive_Text, Reliability, State_Text. */
const optionalAlways: readonly number[] = [4, 22, 28, 46, 103, 110];
/** Their Event_State and Out_Of_Service are optional (12.37 …). */
const simpleValues: readonly ObjectTypeName[] = ['CSV', 'IV', 'LAV', 'PIV'];

export class VirtualObject {
  readonly id: ObjectId;
  readonly name: string;
  readonly commandable: boolean;
  /** Bits fault and overridden of Status_Flags; out-of-service is a property. */
  fault = false;
  overridden = false;
  outOfService = false;
  /** BACnetReliability; where it is not set, "unreliable other" with the fault flag and "no fault detected" without. */
  reliability: number | undefined;
  covIncrement: number;
  /** Its alarm, where it has one. */
  facet: Facet | undefined;
  private readonly tag: number;
  private readonly slots = new Array<WireValue | undefined>(16).fill(undefined);
  private readonly further: Map<number, WireValue>;
  private own: WireValue;

  constructor(private readonly options: ObjectOptions) {
    const { type, instance } = options;
    this.id = { type: objectTypes[type], instance };
    this.name = options.name ?? `${type}-${instance}`;
    this.commandable = type.endsWith('O') || (type.endsWith('V') && options.commandable !== false);
    this.further = new Map(further[type]);
    this.covIncrement = options.covIncrement ?? 0;
    this.tag = valueTags[type];
    this.own = { tag: this.tag, value: options.value ?? (this.tag === 7 ? '' : type.startsWith('M') ? 1 : 0) };
  }

  get presentValue(): number | string {
    return this.present().value as number | string;
  }

  /** As a sensor, a program or the building would; for commandable objects the relinquish default. */
  set presentValue(value: number | string) {
    this.own = { tag: this.tag, value };
  }

  /** Slots 1 … 16; null where nobody commands. */
  get priorityArray(): (number | string | null)[] {
    return this.slots.map((slot) => (slot?.value ?? null) as number | string | null);
  }

  /** What it was commanded is lost with the power. */
  forgetCommands(): void {
    this.slots.fill(undefined);
  }

  statusFlags(): boolean[] {
    return [this.facet?.inAlarm === true, this.fault, this.overridden, this.outOfService];
  }

  properties(): number[] {
    const { type } = this.options;
    return [
      75, 77, 79, 85, 111, 36, 81,
      ...(this.options.reliability === false ? [] : [103]),
      ...(this.covTag === undefined ? [] : [22]),
      ...(this.hasUnits ? [117] : []),
      ...this.further.keys(),
      ...(type === 'BI' || type === 'BO' ? [84] : []),
      ...(type.startsWith('M') ? [74] : []),
      ...(this.options.description === undefined ? [] : [28]),
      ...(this.options.stateTexts === undefined ? [] : type.startsWith('M') ? [110] : [46, 4]),
      ...(this.commandable ? [87, 104] : []),
      ...(this.facet?.properties ?? []),
    ];
  }

  /** Those that an object of its type may lack (clause 12): what OPTIONAL stands for. */
  optional(): readonly number[] {
    const { type } = this.options;
    return [...optionalAlways, ...(type.endsWith('V') ? [87, 104] : []), ...(simpleValues.includes(type) ? [36, 81] : []), ...(this.facet?.properties ?? [])];
  }

  /** What a COV notification tells of it (table 13-1). */
  covProperties(): readonly number[] {
    const { type } = this.options;
    return type === 'LP' ? [85, 111, 108, 21] : type === 'PC' ? [85, 111, 189] : [85, 111];
  }

  read(property: number, index?: number): WireValue[] {
    const ofFacet = this.facet?.read(property, index);
    if (ofFacet !== undefined) return ofFacet;
    if (property === 87 && this.commandable) return indexed(this.slots.map((slot) => slot ?? { tag: 0, value: null }), index);
    const { type, stateTexts } = this.options;
    if (property === 110 && type.startsWith('M') && stateTexts !== undefined) return indexed(stateTexts.map((value) => ({ tag: 7, value })), index);
    const value = this.scalar(property) ?? this.label(property);
    if (value === undefined) throw faults.unknownProperty();
    if (index !== undefined) throw faults.notAnArray();
    return [value];
  }

  write(property: number, index: number | undefined, value: WireValue, priority: number | undefined): void {
    if (this.facet?.write(property, value) === true) return;
    if (!this.properties().includes(property) && property !== PROPERTY_LIST) throw faults.unknownProperty();
    if (index !== undefined && !arrays.includes(property)) throw faults.notAnArray();
    switch (property) {
      case 85: { this.writePresent(value, priority); return; }
      case 81:
        this.outOfService = this.checked(value, 1).value === true;
        return;
      case 22:
        this.covIncrement = Number(this.checked(value, this.covTag ?? 4).value);
        if (!(this.covIncrement >= 0)) throw faults.valueOutOfRange();
        return;
      case 104:
        this.own = this.inRange(value);
        return;
      default: {
        if (!writableFurther.has(property)) throw faults.writeAccessDenied();
        this.further.set(property, this.checked(value, this.further.get(property)?.tag ?? 4));
      }
    }
  }

  private writePresent(value: WireValue, priority = 16): void {
    if (!this.commandable) {
      if (!this.options.type.endsWith('V') && !this.outOfService) throw faults.writeAccessDenied();
      this.own = this.inRange(value);
      return;
    }
    if (priority < 1 || priority > 16) throw faults.parameterOutOfRange();
    if (priority === 6) throw faults.writeAccessDenied(); // reserved for minimum on/off times (19.2.3)
    this.slots[priority - 1] = value.tag === 0 ? undefined : this.inRange(value);
  }

  private inRange(value: WireValue): WireValue {
    this.checked(value, this.tag);
    const { type, states = 3 } = this.options;
    if (type.startsWith('B') && Number(value.value) > 1) throw faults.valueOutOfRange();
    if (type.startsWith('M') && (Number(value.value) < 1 || Number(value.value) > states)) throw faults.valueOutOfRange();
    return value;
  }

  private checked(value: WireValue, tag: number): WireValue {
    if (value.tag !== tag) throw faults.invalidDataType();
    return value;
  }

  private present(): WireValue {
    return (this.commandable ? this.slots.find((slot) => slot !== undefined) : undefined) ?? this.own;
  }

  private label(property: number): WireValue | undefined {
    const { type, description, stateTexts } = this.options;
    const text = property === 28 ? description : type.startsWith('B') && property === 46 ? stateTexts?.[0] : type.startsWith('B') && property === 4 ? stateTexts?.[1] : undefined;
    return text === undefined ? undefined : { tag: 7, value: text };
  }

  private scalar(property: number): WireValue | undefined {
    const { type, states = 3, units = 95 } = this.options;
    switch (property) {
      case 75: return { tag: 12, value: this.id };
      case 77: return { tag: 7, value: this.name };
      case 79: return { tag: 9, value: this.id.type };
      case 85: return this.present();
      case 111: return { tag: 8, value: this.statusFlags() };
      case 36: return { tag: 9, value: 0 };
      case 103: return this.options.reliability === false ? undefined : { tag: 9, value: this.reliability ?? (this.fault ? 7 : 0) };
      case 81: return { tag: 1, value: this.outOfService };
      case 117: return this.hasUnits ? { tag: 9, value: units } : undefined;
      case 22: return this.covTag === undefined ? undefined : { tag: this.covTag, value: this.covIncrement };
      case 84: return type === 'BI' || type === 'BO' ? { tag: 9, value: 0 } : undefined;
      case 74: return type.startsWith('M') ? { tag: 2, value: states } : undefined;
      case 104: return this.commandable ? this.own : undefined;
      default: return this.further.get(property);
    }
  }

  /** How its COV_Increment is encoded. */
  private get covTag(): number | undefined {
    const { type } = this.options;
    return type === 'IV' || type === 'PIV' ? 2 : this.tag === 4 || this.tag === 5 ? this.tag : undefined;
  }

  private get hasUnits(): boolean {
    const { type } = this.options;
    return (this.tag === 4 || this.tag === 5 || type === 'ACC' || type === 'IV' || type === 'PIV') && type !== 'LP';
  }
}

/** Element of a BACnetARRAY: all without an index, the count at 0 (12.1.5). */
export function indexed(elements: readonly WireValue[], index: number | undefined): WireValue[] {
  if (index === undefined) return [...elements];
  if (index === 0) return [{ tag: 2, value: elements.length }];
  const element = elements[index - 1];
  if (element === undefined) throw faults.invalidIndex();
  return [element];
}
