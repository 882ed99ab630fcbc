/** What a node shows to browsers and programs over https: key, and certificate with what lies between it and its root, PEM. */
export interface HttpsIdentity {
  readonly key: string;
  readonly certificate: string;
}

export interface HttpsSource {
  current(): HttpsIdentity;
  /** Calls `apply` when the files hold another one; ends with the function that it returns. */
  watch(apply: (identity: HttpsIdentity) => void): () => void;
}

/** Where the files are, absolute. The key may stand in the certificate's file. */
export interface HttpsFiles {
  readonly certificate: string;
  readonly key?: string;
}
