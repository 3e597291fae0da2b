export { parseChunk } from './chunk.ts';
export type { Chunk } from './chunk.ts';
export { chunking } from './chunking.ts';
export type { ChunkingOptions } from './chunking.ts';
