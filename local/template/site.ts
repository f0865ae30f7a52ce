// Buckets and the folders that deployments copy into them.
import type { BucketResource } from "./inventory.ts";
import type { Resources } from "./resources.ts";
import { isRecord, list, optionalList, refuse, text } from "./shape.ts";

export function buckets(resources: Resources): readonly BucketResource[] {
  const contents = new Map<string, string[]>();
  for (const { properties, at } of resources.ofType("Custom::CDKBucketDeployment")) {
    const bucket = resources.named(properties.DestinationBucketName, `${at}.DestinationBucketName`, "AWS::S3::Bucket");
    for (const marker of optionalList(properties.SourceMarkers, `${at}.SourceMarkers`))
      if (!isRecord(marker) || Object.keys(marker).length > 0)
        refuse(`${at}.SourceMarkers`, "values known only at deployment are not supported in site files");
    const dirs = list(properties.SourceObjectKeys, `${at}.SourceObjectKeys`).map((key) => resources.assembly.assetDir(text(key, at), at));
    contents.set(bucket.id, [...(contents.get(bucket.id) ?? []), ...dirs]);
  }
  return resources.ofType("AWS::S3::Bucket").map(({ id, at }) => ({
    id,
    name: resources.resolver.identity(id, at).ref,
    contentDirs: contents.get(id) ?? [],
  }));
}
