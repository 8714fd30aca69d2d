// What the modules of the page share, for the check of types in `make lint`; browsers never read this file.

/** A value of a row: text, number, truth, or nothing. */
type Value = any;

/** Rings of parts, lines or single corners: arrays of [latitude, longitude]. */
type Shape = [number, number][][][];

interface Row {
  layer: string;
  key: string;
  values: Record<string, Value>;
  readonly shape: Shape;
  unpack: (() => Shape) | null;
  isWhole?: boolean;
  /** Of a chosen camera: the buildings that cut its view. */
  cuts?: Row[];
  /** Of a camera: what it surely and what it possibly sees. */
  seen?: { views: Row | null; possible: Row | null };
  feature?: Feature;
}

/** A feature of a tile or of the page's own rows, in the units of its sheet; kind 1 is points, 2 lines, 3 areas. */
interface Feature {
  readonly key: string;
  readonly values: Record<string, Value>;
  kind: number;
  rings: (Int16Array | Float64Array)[];
  box: number[];
  value(name: string): Value;
}

/** The features of one layer, and what was made of them once: paths, classes, the mean width. */
type Features = Feature[] & {
  paths?: Map<string, Path2D>;
  classes?: Map<string, Map<number, Feature[]>>;
  mean?: number;
};

/** Features with their place on the map: a unit is `scale` pixels, the origin at `x`, `y`; drawn only within `clip`. */
interface Sheet {
  features: Features;
  scale: number;
  x: number;
  y: number;
  clip: number[] | null;
}

/** What a layer has as a whole: the legend, the filters and the first view are made of it. */
interface Summary {
  count: number;
  bounds?: [number, number, number, number] | null;
  shares?: Record<string, Record<string, number>>;
  causes?: Record<string, number>;
  classes?: Record<string, number>;
  states?: Record<string, number>;
}

interface Choice {
  text?: string;
  cause?: string;
  /** `layer:code` of the zone that all rows are of. */
  zone?: string;
  /** Filters by column, JSON. */
  where?: string;
  sort?: string;
  descending?: boolean;
  offset?: number;
  limit?: number;
}

interface Page {
  total: number;
  rows: Row[];
  candidates?: { layer: string; code: string; name: string }[];
}

interface Found {
  layer: string;
  key: string;
  name: string | null;
  is_whole: boolean;
}

/** Where rows come from. The page asks this and nothing else, whether it was served or is one file. */
interface Source {
  start(): Promise<void>;
  allowed(name: string): boolean;
  offers(name: string): boolean;
  summary(name: string): Summary | null;
  bounds(): any;
  /** The features of a layer in the view, as far as they are there; what is missing is fetched. */
  sheets(name: string): Sheet[];
  page(name: string, choice: Choice): Promise<Page>;
  row(name: string, key: string): Promise<Row | null>;
  find(text: string, most: number): Promise<Found[]>;
  /** The buildings that cut the view of a camera; only a service knows them. */
  cuts?(key: string): Promise<Row[]>;
  settled(): Promise<unknown>;
  fetchJson(path: string): Promise<any>;
  /** A row was changed: its tiles and what is known of it are fetched anew. The service's source alone has it. */
  forget?(name: string, key: string): void;
  /** What is still fetched when the page is ready. */
  behind: Promise<unknown> | null;
}

/** The one state of the page (state.js): views watch it, actions change it by `update`. */
interface State {
  lang: "zh" | "en";
  theme: "light" | "dark";
  tab: string;
  zoneLayer: string | null;
  figure: string | null;
  shown: Record<string, boolean>;
  selection: Row | null;
  /** The zone that figures, lists, tables, downloads and print are of; null for the whole area. */
  scope: Row | null;
  /** How many gaps the scope has; null until it is known. */
  scopeGaps: number | null;
  hover: { layer: string; key: string; values: Record<string, Value> } | null;
  /** The claim whose places are shown; null for all. */
  claim: string | null;
  /** The layer that came last; `overview` for the figures of all. */
  arrived: string | null;
  /** The layer whose tile came last. */
  tiles: string | null;
  worst: Row[];
  run: any;
  fault: { what: string; reason: string } | null;
  ready: boolean;
  edits: Edits;
  /** The camera whose form is open. */
  editing: string | null;
  trial: Trial;
  /** Cameras that were chosen together, to try their outage. */
  chosen: { id: string; lat: number; lon: number }[];
  /** The file on its way in: `dataimport.js`. */
  importing: any;
  /** What the check of the data found: `datacheck.js`. */
  checks: any;
  /** The sheet: whose rows it has, and which of them are chosen. */
  sheet: { isOpen: boolean; layer: string | null; keys: string[]; several: boolean };
  /** What is being measured, by which points. */
  measure: { isOpen: boolean; kind: string; points: { lat: number; lon: number }[] };
  /** Of each layer what the view holds; null until it is counted. */
  inView: Record<string, Summary> | null;
  /** What was drawn and changed of areas (shapelist.js), which is open, which of its corners, and what is being drawn. */
  shapes: Shapes;
  shaping: string | null;
  corner: number;
  drawing: Drawing | null;
  /** Set when areas around the view have come. */
  marked: any;
  shapesCame: number;
  /** The border that somebody else stored meanwhile. */
  shapeTheirs: any;
  /** The base maps that there are. */
  bases: BaseMap[];
  /** The name of the base map that is shown; null for none. */
  base: string | null;
  /** 0 to 1; null for the base map's own. */
  baseOpacity: number | null;
  baseGrey: boolean;
  /** The runs, newest first, and which of them others see by default. */
  runs: { list: any[]; published: string | null; standsIn: boolean };
  /** Two runs, or a draft and the data as they are now: every figure of B minus A. */
  compared: any;
  /** The figure by whose difference zones are coloured; null for none. */
  difference: string | null;
  /** Ids of the runs that are drawn left and right of a line, and where it is: 0 to 1. */
  swipe: { a: string; b: string; at: number } | null;
}

/** What somebody means to do with one camera, or a site that is tried as failing; JSON, as it is kept and sent. */
interface Change {
  kind: "changed" | "added" | "removed" | "outage";
  /** The camera, or the name of the site. */
  id: string;
  properties?: Record<string, Value>;
  geometry?: { type: "Point"; coordinates: [number, number] };
}

/** The list of changes, and those before and after it to undo and redo; live while something is being dragged. */
interface Edits {
  list: Change[];
  past: Change[][];
  future: Change[][];
  live: boolean;
}

/** A place as GeoJSON has it: longitude, latitude. */
type Position = [number, number];

/** What somebody means to do with one area; a new one has a key of its own until it is saved under its code. */
interface ShapeChange {
  kind: "changed" | "added" | "removed";
  key: string;
  properties?: Record<string, Value>;
  geometry?: any;
}

/** The list of changes of areas of one layer, and those before and after it; live while something is being dragged. */
interface Shapes {
  layer: string;
  list: ShapeChange[];
  past: ShapeChange[][];
  future: ShapeChange[][];
  live: boolean;
}

/** Points of what is being drawn, with what they snapped to, and those that were taken back. */
interface Drawing {
  kind: "area" | "cut";
  points: { point: Position; on: string | null }[];
  undone: { point: Position; on: string | null }[];
}

/** What the changes would do: the answer of POST /preview, what is being waited for, and what went wrong. */
interface Trial {
  answer: any;
  busy: string | null;
  fault: { text: string; signedOut: boolean } | null;
}

/** A base map as /basemaps lists it; a one-file map has its pictures by z/x/y and their bounds too. */
interface BaseMap {
  name: string;
  levels: [number, number] | null;
  attribution: string;
  review_number: string;
  data_date: string;
  secret_class: string;
  opacity: number;
  pictures?: Record<string, string>;
  bounds?: [number, number][];
}

interface Gridsight {
  state: State;
  readonly selection: Row | null;
  update(patch: Partial<State>): void;
  watch(keys: keyof State | (keyof State)[], listener: (value: any) => void): void;
  source: Source;
  servedSource: any;
  embeddedSource: any;
  map: any;
  select(layer: string, key: string, how?: { at?: any; fly?: boolean; still?: boolean; row?: Row }): Promise<boolean>;
  unselect(): void;
  show(name: string, on: boolean): void;
  scopeKey(): string;
  colourBy(zoneLayer: string | null, figure?: string): void;
  readTile(buffer: ArrayBuffer, keyName: string): Features;
  hit(sheets: Sheet[], point: { x: number; y: number }, reach: number): Feature | null;
  pathOf(sheet: Sheet, name: string, choose: (features: Features) => Feature[]): Path2D;
  t(key: string, values?: Record<string, Value>): string;
  el(tag: string, attributes?: Record<string, any>, children?: any): any;
  svg(tag: string, attributes: Record<string, string | number>, children?: (Node | string)[]): any;
  icon(lines: string): any;
  byId(id: string): any;
  [further: string]: any;
}

interface Window {
  gridsight: Gridsight;
  gridsightFixed?: Record<string, any>; // of the settings of the served page what is the same on every page
  gridsightAsked?: Record<string, Promise<Response>>; // what the page asked while its scripts were on their way
}

// Every element of the page's template is an HTML element, and what the page listens to comes from those.
interface Element {
  readonly dataset: DOMStringMap;
  title: string;
  tabIndex: number;
  focus(): void;
  placeholder?: string;
  value?: any;
}

interface EventTarget {
  readonly tagName?: string;
}

interface Event {
  readonly key?: string;
}

declare const L: any;
