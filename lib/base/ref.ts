/** The name that a sender gives a message, by which it is acked and recognized when it is sent again. */
export type Ref = string | number;
