export { arc, type ArcOptions } from './arc.ts';
