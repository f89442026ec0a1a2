// A flow as packets of a file of ours: its bytes in order, what is missing as holes, and beside its packets what Port Prism knew of it.

import type { FlowFacts, Speaker } from '../../shared/flow.js';
import type { PacketFlow, TcpPackets } from './pcapngTcp.js';
import { endingOf, introductionOf, routingOf } from './recordedComment.js';

/** One conversation, from its opening on. */
export class FlowPackets {
  private readonly packets: PacketFlow;
  private route: string | undefined;
  /** bytes that were not kept, since the last packet */
  private missing = 0;

  /**
   * @param offsets bytes per speaker that passed before; without any, the handshake is written
   * @param comment said with the first packet, behind what is always said
   */
  constructor(private readonly tcp: TcpPackets, facts: FlowFacts, offsets: readonly [client: number, upstream: number] = [0, 0], comment = '') {
    this.packets = tcp.open(facts, `${introductionOf(facts)}${comment === '' ? '' : ` ${comment}`}`, offsets);
    this.route = facts.route;
  }

  /** @param read as TcpPackets.data takes it; undefined = none of it was kept */
  chunk(facts: FlowFacts, from: Speaker, at: number, length: number, read: Parameters<TcpPackets['data']>[4] | undefined): void {
    if (this.route !== facts.route) {
      this.route = facts.route;
      this.say(routingOf(facts));
    }
    if (read === undefined) {
      this.skip(from, length);
      return;
    }
    if (0 < this.missing) {
      this.say(`${this.missing} bytes before this were not kept.`);
      this.missing = 0;
    }
    this.missing = this.tcp.data(this.packets, from, at, length, read);
  }

  skip(from: Speaker, length: number): void {
    this.tcp.skip(this.packets, from, length);
    this.missing += length;
  }

  end(facts: FlowFacts, at: number): void {
    this.tcp.close(this.packets, at, facts.endReason, endingOf(facts));
  }

  /** With the next packet. */
  private say(text: string): void {
    this.packets.comment = [this.packets.comment, text].filter((part) => part !== undefined).join(' ');
  }
}
