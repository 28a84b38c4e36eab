import { App, TerraformStack, TerraformOutput, TerraformVariable, Fn } from "cdktf";
import { NatgwProvider } from "./gen/providers/natgw/provider";
import { DataNatgwNatGateway } from "./gen/providers/natgw/data-natgw-nat-gateway";
import { SecondaryElasticIp } from "./gen/providers/natgw/secondary-elastic-ip";
import { SecondaryElasticIps } from "./gen/providers/natgw/secondary-elastic-ips";
import { SecondaryPrivateIp } from "./gen/providers/natgw/secondary-private-ip";
import { SecondaryPrivateIps } from "./gen/providers/natgw/secondary-private-ips";
const app = new App({ outdir: process.argv[2], skipValidation: true });
const stack = new TerraformStack(app, "parity");
const variable = new TerraformVariable(stack, "address", { type: "string" });
new NatgwProvider(stack, "default", {});
const west = new NatgwProvider(stack, "west", {
  alias: "west", region: "us-west-2", maxRetries: 3, useFipsEndpoint: true,
  sharedConfigFiles: ["a", "b"], allowedAccountIds: ["123456789012"],
  endpoints: { ec2: "http://localhost:1" },
  assumeRole: { roleArn: "arn:aws:iam::123456789012:role/x", tags: { team: "net" }, policyArns: ["p"] },
});
const full = new SecondaryPrivateIps(stack, "full", {
  natGatewayId: "nat-00000001", secondaryPrivateIpAddresses: ["10.0.0.4", variable.stringValue],
  maxDrainDurationSeconds: 120, waitForDrain: false, minInServiceAddresses: 2, onDestroy: "retain",
  timeouts: { create: "15m" }, provider: west,
  lifecycle: { preventDestroy: true, ignoreChanges: ["timeouts"] },
});
const counted = new SecondaryPrivateIps(stack, "counted", {
  natGatewayId: "nat-00000002", secondaryPrivateIpAddressCount: 0, dependsOn: [full], count: 2,
});
counted.waitForDrain = true;
counted.resetWaitForDrain();
const elastic = new SecondaryElasticIps(stack, "elastic", {
  natGatewayId: "nat-00000006", allocationIds: ["eipalloc-00000001"], onDestroy: "retain", provider: west,
  privateIpAddresses: { "eipalloc-00000001": "10.0.0.9" }, timeouts: { delete: "20m" },
});
const one = new SecondaryPrivateIp(stack, "one", {
  natGatewayId: "nat-00000007", privateIpAddress: "10.0.0.7", maxDrainDurationSeconds: 60, dependsOn: [elastic],
});
const oneElastic = new SecondaryElasticIp(stack, "one-elastic", {
  natGatewayId: "nat-00000008", allocationId: "eipalloc-00000002", waitForDrain: true,
});
const found = new DataNatgwNatGateway(stack, "found", {
  tags: { Name: "a" }, filter: [{ name: "state", values: ["available"] }], provider: west,
});
const values: { [name: string]: any } = {
  id: full.id, primary: full.primaryPrivateIpAddress, subnet: full.subnetId, cidr: full.subnetCidrBlock, vpc: full.vpcId,
  eni: full.networkInterfaceId, draining: full.drainingPrivateIpAddresses, set: full.secondaryPrivateIpAddresses,
  number: full.secondaryPrivateIpAddressCount, wait: full.waitForDrain, gateway: full.natGatewayId,
  assign: full.lastChange.assign, drain: full.lastChange.drain, serving: full.lastChange.inService,
  found_id: found.id, status: found.addresses.get(1).status, all: found.addresses, capacity: found.connectionCapacity,
  tags: found.tags, primaries: found.addresses.get(0).isPrimary, secondaries: found.secondaryPrivateIpAddresses,
  ids: elastic.allocationIds, privates: elastic.privateIpAddresses, draining_ids: elastic.drainingAllocationIds,
  primary_id: elastic.primaryAllocationId, one_address: one.privateIpAddress, one_status: one.status,
  one_change: one.lastChange.summary, one_id: oneElastic.allocationId, public_ip: oneElastic.publicIp,
  first: Fn.element(full.secondaryPrivateIpAddresses, 0),
};
for (const name of Object.keys(values)) new TerraformOutput(stack, name, { value: values[name] });
SecondaryPrivateIps.generateConfigForImport(stack, "imported", "nat-00000003", west);
const moved = new SecondaryPrivateIps(stack, "moved", { natGatewayId: "nat-00000004", secondaryPrivateIpAddresses: [] });
moved.moveFromId("natgw_secondary_private_ips.old");
const taken = new SecondaryPrivateIps(stack, "taken", { natGatewayId: "nat-00000005", secondaryPrivateIpAddresses: [] });
taken.importFrom("nat-00000005");
taken.addOverride("max_drain_duration_seconds", 7);
SecondaryElasticIp.generateConfigForImport(stack, "imported-one", "nat-00000009/eipalloc-00000003", west);
app.synth();
