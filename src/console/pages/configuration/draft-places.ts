/** Where the draft of the site document is kept, and the revision on which it was begun. */
export const place = 'configuration';
export const basePlace = 'configuration-base';
