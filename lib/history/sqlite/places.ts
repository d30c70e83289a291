/**
 * Where messages lie in the table: one number that tells the room and the id, so that a room's messages lie side by
 * side in their order, and a range of ids is a range of rows.
 */

/** Ids of a room, and rooms of a file: together they fill the 53 bits of a safe integer. */
const IDS = 2 ** 33;
const ROOMS = 2 ** 20;

/** The highest id that a room may have, and the highest number of a room. */
export const MAX_ID = IDS - 1;
export const MAX_ROOM_KEY = ROOMS - 1;

/** Tells the place of a message: the room's number in the file, and the message's id. */
export function placeOf(roomKey: number, id: number): number {
  return roomKey * IDS + id;
}

/** Tells the room's number and the id that a place stands for. */
export function readPlace(place: number): { readonly roomKey: number; readonly id: number } {
  const roomKey = Math.floor(place / IDS);
  return { roomKey, id: place - roomKey * IDS };
}
