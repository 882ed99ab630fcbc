import { addBlocks, compareDocuments, definitionIn, editDefinition, readHolidays, sectionDigests, type ImportedDays, type YearRange } from '../config/index.js';
import type { ConfigurationDiff, ConfigurationDocument } from '../contract/index.js';

/** Works on the texts of site documents, and on what goes into them; off the main thread where that is possible, because those of large sites take seconds. */
export interface TextDesk {
  /** @throws CONFIG_UNKNOWN, CONFIG_SYNTAX */
  edit(text: string, section: string, name: string, value: unknown): Promise<string>;
  /** @throws CONFIG_SYNTAX */
  definition(text: string, section: string, name: string | undefined): Promise<unknown>;
  compare(from: ConfigurationDocument, to: ConfigurationDocument): Promise<ConfigurationDiff>;
  /** Adds what was discovered. @throws CONFIG_SYNTAX, CONFIG_INVALID */
  addBlocks(text: string, blocks: string): Promise<string>;
  /** @throws CALENDAR_INVALID */
  holidays(text: string, years: YearRange): Promise<ImportedDays>;
  /** Digest of each section. */
  digests(text: string): Promise<Readonly<Record<string, string>>>;
}

/** On the thread of who asks. */
export const directTexts: TextDesk = {
  edit: async (text, section, name, value) => Promise.resolve(editDefinition(text, section, name, value)),
  definition: async (text, section, name) => Promise.resolve(definitionIn(text, section, name)),
  compare: async (from, to) => Promise.resolve(compareDocuments(from, to)),
  addBlocks: async (text, blocks) => Promise.resolve(addBlocks(text, blocks)),
  holidays: async (text, years) => readHolidays(text, years),
  digests: async (text) => Promise.resolve(sectionDigests(text)),
};
