import { connect, type Socket } from 'node:net';

/** What an answer with status 200 must hold: `mark` so many times in its body, once for each comment asked about. */
export interface Expected {
  readonly mark: string;
  readonly count: number;
}

export interface Request {
  readonly bytes: Uint8Array;
  readonly expected: Expected;
}

export type Verdict = 'answered' | 'refused' | 'failed';

const RECEIVED = Buffer.allocUnsafe(1 << 16);

/**
 * One kept-alive connection with one request under way at most. It does the least a client can do: a raw
 * socket and a search for the end of the answer, since on the same CPUs every microsecond here is missing there.
 */
export class Connection {
  readonly #port: number;
  readonly #onAnswer: (connection: Connection, verdict: Verdict) => void;
  #socket: Socket | undefined;
  #expected: Expected | undefined;
  #received = '';

  private constructor(port: number, onAnswer: (connection: Connection, verdict: Verdict) => void) {
    this.#port = port;
    this.#onAnswer = onAnswer;
  }

  /** @throws Error when nobody listens */
  static async open(port: number, onAnswer: (connection: Connection, verdict: Verdict) => void) {
    const connection = new Connection(port, onAnswer);
    await new Promise<void>((resolve, reject) => {
      connection.#connect().once('connect', resolve).once('error', reject);
    });
    return connection;
  }

  /** Sends it; `onAnswer` is called once, also when the server hangs up instead. */
  send({ bytes, expected }: Request): void {
    this.#expected = expected;
    const socket = this.#socket ?? this.#connect();
    socket.write(bytes);
  }

  close(): void {
    this.#expected = undefined;
    this.#socket?.destroy();
  }

  #connect(): Socket {
    const socket = connect({
      host: '127.0.0.1',
      port: this.#port,
      noDelay: true,
      // Past Node's streams; all connections share one buffer.
      onread: {
        buffer: RECEIVED,
        callback: (length) => {
          // What is looked at is ASCII.
          this.#read(RECEIVED.toString('latin1', 0, length));
          return true;
        },
      },
    });
    this.#socket = socket;
    this.#received = '';
    // 'close' follows.
    socket.on('error', () => {});
    socket.on('close', () => {
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      if (this.#expected !== undefined) this.#done('failed');
    });
    return socket;
  }

  #read(chunk: string): void {
    this.#received = this.#received === '' ? chunk : this.#received + chunk;
    const headEnd = this.#received.indexOf('\r\n\r\n');
    if (headEnd === -1 || this.#expected === undefined) return;
    const head = this.#received.slice(0, headEnd);
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (length === undefined) return this.#hangUp();
    const end = headEnd + 4 + Number(length);
    if (this.#received.length < end) return;
    const body = this.#received.slice(headEnd + 4, end);
    this.#received = this.#received.slice(end);
    const status = head.slice(9, 12);
    // The server is about to close this one: the next request opens another.
    if (/\r\nconnection: *close/i.test(head)) this.#drop();
    if (status === '200') this.#done(holds(body, this.#expected) ? 'answered' : 'failed');
    else this.#done(status === '503' || status === '429' ? 'refused' : 'failed');
  }

  #hangUp(): void {
    this.#drop();
    this.#done('failed');
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.destroy();
  }

  #done(verdict: Verdict): void {
    this.#expected = undefined;
    this.#onAnswer(this, verdict);
  }
}

function holds(body: string, { mark, count }: Expected): boolean {
  let found = 0;
  for (let at = body.indexOf(mark); at !== -1; at = body.indexOf(mark, at + mark.length)) found += 1;
  return found === count;
}
