import { readFileSync } from 'node:fs';

/** What a process may, as /proc says it. */
export interface Rights {
  uid: number;
  /** Capabilities, hex: those that it has, and those that it, or what it starts, could ever get. */
  effective: string;
  permitted: string;
  bounding: string;
  noNewPrivs: boolean;
  /** Bytes of the largest core dump: soft and hard limit. */
  core: [number, number];
  umask: number;
}

export function readRights(pid: number): Rights {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const of = (name: string) => new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(status)![1]!;
  const [, soft, hard] = /^Max core file size\s+(\S+)\s+(\S+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))!;
  const toBytes = (limit: string) => (limit === 'unlimited' ? Infinity : Number(limit));
  return {
    uid: Number(of('Uid')),
    ...{ effective: of('CapEff'), permitted: of('CapPrm'), bounding: of('CapBnd') },
    noNewPrivs: of('NoNewPrivs') === '1',
    core: [toBytes(soft!), toBytes(hard!)],
    umask: Number.parseInt(of('Umask'), 8),
  };
}
