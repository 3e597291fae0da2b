import { readFile } from 'node:fs/promises';
import { validateXML } from 'xmllint-wasm';

const schema = new URL('dmarc-2.0.xsd', import.meta.url);

/** What libxml2 finds wrong with a report, by the schema; nothing of a valid one. */
export async function faultsOf(xml: string): Promise<string[]> {
  const { errors } = await validateXML({
    xml: { fileName: 'report.xml', contents: xml },
    schema: { fileName: 'dmarc-2.0.xsd', contents: await readFile(schema, 'utf8') },
  });
  return errors.map(({ rawMessage }) => rawMessage);
}
