// postject has no types of its own: what scripts/build-executable.ts uses.
declare module "postject" {
  export function inject(
    file: string,
    resource: string,
    content: Buffer,
    options: { readonly sentinelFuse: string; readonly machoSegmentName?: string },
  ): Promise<void>;
}
