import type { LoadedSite, SourceFile } from '../config/index.js';
import type { ActivityProgress, SheetDialect, SheetReading, SheetRequest, SheetSection } from '../contract/index.js';
import type { TextDesk } from './text-desk.js';

/** Where work tells how far it is. */
export type Report = (progress: ActivityProgress) => void;

/** Reads a site document as this machine would run it. Takes its time off the main thread where that is possible. */
export type SiteLoader = (file: SourceFile) => Promise<LoadedSite>;

/** Writes and reads spreadsheets of a site document; likewise off the main thread. */
export interface SheetDesk {
  write(text: string, section: SheetSection, dialect: SheetDialect, report?: Report): Promise<string>;
  read(text: string, request: SheetRequest, report?: Report): Promise<SheetReading>;
}

/** What a node is given of its site's configuration; without it the configuration is fixed. */
export interface ConfigurationSource {
  readonly load: SiteLoader;
  readonly sheets: SheetDesk;
  readonly texts: TextDesk;
  /** The site file of this machine; absent where it cannot be read. */
  readonly file?: SourceFile;
  /** Number of the document to start with where the one in force cannot be run here: a person's way out. */
  readonly inPlace?: number;
}
