/** One address for third parties that know only one (R38): whoever is active has it. IPv4, or IPv6 as RFC 5952 writes it. */
export interface VirtualAddress {
  readonly address: string;
  /** Length of the network part, 1 … 32, of IPv6 … 128. */
  readonly prefix: number;
}

/** What a node says of it. `waiting`: active, and the other node may still have it. */
export interface VirtualAddressStatus extends VirtualAddress {
  readonly interface: string;
  readonly state: 'free' | 'waiting' | 'held' | 'failed';
  readonly reason?: string;
}

/** Puts an address on a network interface of this machine, for as long as somebody goes on saying so. */
export interface AddressHolder {
  readonly interface: string;
  /** Has it for so many seconds. Rejects with VIRTUAL_ADDRESS. */
  hold(seconds: number): Promise<void>;
  /** The same again, without waiting. The address goes by itself where that stops, and at once when the process ends. */
  renew(): void;
  /** Tells everybody on the network who has it now. */
  announce(): void;
  /** Resolves when this machine has it no more. */
  drop(): Promise<void>;
}

export interface AddressKeeper {
  /**
   * Finds the interface (the one on that network, where none is named), and takes the address away where this machine has
   * it from before. Rejects with VIRTUAL_ADDRESS: no such interface, no right, not this system.
   */
  open(address: VirtualAddress, networkInterface: string | undefined): Promise<AddressHolder>;
}
