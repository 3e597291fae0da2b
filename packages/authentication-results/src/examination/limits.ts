/** What of a message is examined: all that costs time is bounded. */
export interface ExaminationLimits {
  /** Octets of the header section, with the empty line. Over it nothing is examined but From. Default: 65,536. */
  readonly header: number;
  /**
   * Octets, with folds, of one of the fields that are parsed: From, DKIM-Signature and the three of ARC. One over it is not
   * examined. Others, which are only hashed, may be as long as the section. Default: 8,192.
   */
  readonly field: number;
  /** Fields. Over it nothing is examined but From. Default: 500. */
  readonly fields: number;
  /** DKIM-Signature fields that are examined, from the top; those below are counted. Default: 8. */
  readonly signatures: number;
  /** Names in a signature's `h=`; a signature with more is not processed. Default: 200. */
  readonly signedFields: number;
  /** Octets that are hashed in one turn of the event loop, each of them once per hash. Default: 2,097,152. */
  readonly turn: number;
}

/** Octets of a header that is held at all; core by default takes no longer one either. */
export const longestHeader: number = 256 * 1024;

/** The limits where nothing else is said. */
export const defaultExaminationLimits: ExaminationLimits = {
  header: 64 * 1024,
  field: 8 * 1024,
  fields: 500,
  signatures: 8,
  signedFields: 200,
  turn: 2 * 1024 * 1024,
};

/** The limits with some set. Throws RangeError, naming it, for one that there isn't or is no positive whole number. */
export function limitsOf(set: Partial<ExaminationLimits>): ExaminationLimits {
  for (const [name, value] of Object.entries(set)) {
    if (!(name in defaultExaminationLimits)) throw new RangeError(`there is no limit ${name}`);
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new RangeError(`the limit ${name} is a positive whole number, not ${String(value)}`);
    }
  }
  return { ...defaultExaminationLimits, ...set };
}
