// What Kafka's requests and responses consist of, by API key ("The Messages" of the Kafka protocol guide).
//
// A layout is a list of fields: type, name, versions that have it (`3+`, `0-12`; all when nothing is said). Types: `i8`..`i64`, `u16`, `b` flag,
// `f64`, `s` text, `d` bytes, `r` records, `u` uuid; `e` error code, `t` topic, `w` topic by its uuid, `p` partition, `g` group, `v` value of a
// setting, `x` secret; `[s]` array of values, `[]` array of structures, `{}` structure, `?{}` structure that may be null, `@0` tagged field.

export interface KafkaApi {
  name: string;
  /** first version with compact lengths and tagged fields; -1 = there is none */
  flexible: number;
  /** versions whose layouts are known */
  first: number;
  last: number;
  request: string;
  response: string;
}

/** Names of the others, most of them between brokers: what they carry stays closed. */
const otherApis: Readonly<Record<number, string>> = {
  4: 'LeaderAndIsr', 5: 'StopReplica', 6: 'UpdateMetadata', 7: 'ControlledShutdown', 38: 'CreateDelegationToken', 39: 'RenewDelegationToken', 40: 'ExpireDelegationToken', 41: 'DescribeDelegationToken',
  52: 'Vote', 53: 'BeginQuorumEpoch', 54: 'EndQuorumEpoch', 56: 'AlterPartition', 58: 'Envelope', 59: 'FetchSnapshot', 62: 'BrokerRegistration', 63: 'BrokerHeartbeat', 64: 'UnregisterBroker',
  67: 'AllocateProducerIds', 69: 'ConsumerGroupDescribe', 70: 'ControllerRegistration', 73: 'AssignReplicasToDirs',
  76: 'ShareGroupHeartbeat', 77: 'ShareGroupDescribe', 78: 'ShareFetch', 79: 'ShareAcknowledge', 80: 'AddRaftVoter', 81: 'RemoveRaftVoter', 82: 'UpdateRaftVoter', 83: 'InitializeShareGroupState',
  84: 'ReadShareGroupState', 85: 'WriteShareGroupState', 86: 'DeleteShareGroupState', 87: 'ReadShareGroupStateSummary', 88: 'StreamsGroupHeartbeat', 89: 'StreamsGroupDescribe',
  90: 'DescribeShareGroupOffsets', 91: 'AlterShareGroupOffsets', 92: 'DeleteShareGroupOffsets',
};

const texts = `
0 Produce 9 0-13
s transactional id 3+, i16 acks, i32 timeout ms, [] topic data (t topic 0-12, w topic id 13+, [] partition data (p partition, r records))
[] responses (t topic 0-12, w topic id 13+, [] partition responses (p partition, e error code, i64 base offset, i64 log append time ms 2+, i64 log start offset 5+, [] record errors 8+ (i32 batch index, s batch index error message), s error message 8+, @0 {} current leader 10+ (i32 leader id, i32 leader epoch))), i32 throttle time ms 1+, @0 [] node endpoints 10+ (i32 node id, s host, i32 port, s rack)
1 Fetch 12 0-18
@0 s cluster id 12+, i32 replica id 0-14, @1 {} replica state 15+ (i32 replica id, i64 replica epoch), i32 max wait ms, i32 min bytes, i32 max bytes 3+, i8 isolation level 4+, i32 session id 7+, i32 session epoch 7+, [] topics (t topic 0-12, w topic id 13+, [] partitions (p partition, i32 current leader epoch 9+, i64 fetch offset, i32 last fetched epoch 12+, i64 log start offset 5+, i32 partition max bytes, @0 u replica directory id 17+, @1 i64 high watermark 18+)), [] forgotten topics data 7+ (t topic 7-12, w topic id 13+, [p] partitions), s rack id 11+
i32 throttle time ms 1+, e error code 7+, i32 session id 7+, [] responses (t topic 0-12, w topic id 13+, [] partitions (p partition, e error code, i64 high watermark, i64 last stable offset 4+, i64 log start offset 5+, @0 {} diverging epoch 12+ (i32 epoch, i64 end offset), @1 {} current leader 12+ (i32 leader id, i32 leader epoch), @2 {} snapshot id 12+ (i64 end offset, i32 epoch), [] aborted transactions 4+ (i64 producer id, i64 first offset), i32 preferred read replica 11+, r records)), @0 [] node endpoints 16+ (i32 node id, s host, i32 port, s rack)
2 ListOffsets 6 0-11
i32 replica id, i8 isolation level 2+, [] topics (t topic, [] partitions (p partition, i32 current leader epoch 4+, i64 timestamp, i32 max num offsets 0)), i32 timeout ms 10+
i32 throttle time ms 2+, [] topics (t topic, [] partitions (p partition, e error code, [i64] old style offsets 0, i64 timestamp 1+, i64 offset 1+, i32 leader epoch 4+))
3 Metadata 9 0-13
[] topics (w topic id 10+, t topic), b allow auto topic creation 4+, b include cluster authorized operations 8-10, b include topic authorized operations 8+
i32 throttle time ms 3+, [] brokers (i32 node id, s host, i32 port, s rack 1+), s cluster id 2+, i32 controller id 1+, [] topics (e error code, t topic, w topic id 10+, b is internal 1+, [] partitions (e error code, p partition, i32 leader id, i32 leader epoch 7+, [i32] replica nodes, [i32] isr nodes, [i32] offline replicas 5+), i32 topic authorized operations 8+), i32 cluster authorized operations 8-10, e error code 13+
8 OffsetCommit 8 0-10
g group, i32 generation id or member epoch 1+, s member id 1+, s group instance id 7+, i64 retention time ms 2-4, [] topics (t topic 0-9, w topic id 10+, [] partitions (p partition, i64 committed offset, i32 committed leader epoch 6+, i64 commit timestamp 1, s committed metadata))
i32 throttle time ms 3+, [] topics (t topic 0-9, w topic id 10+, [] partitions (p partition, e error code))
9 OffsetFetch 6 0-10
g group 0-7, [] topics 0-7 (t topic, [p] partition indexes), [] groups 8+ (g group, s member id 9+, i32 member epoch 9+, [] topics (t topic 8-9, w topic id 10+, [p] partition indexes)), b require stable 7+
i32 throttle time ms 3+, [] topics 0-7 (t topic, [] partitions (p partition, i64 committed offset, i32 committed leader epoch 5-7, s metadata, e error code)), e error code 2-7, [] groups 8+ (g group, [] topics (t topic 8-9, w topic id 10+, [] partitions (p partition, i64 committed offset, i32 committed leader epoch, s metadata, e error code)), e error code)
10 FindCoordinator 3 0-6
s key 0-3, i8 key type 1+, [s] coordinator keys 4+
i32 throttle time ms 1+, e error code 0-3, s error message 1-3, i32 node id 0-3, s host 0-3, i32 port 0-3, [] coordinators 4+ (s key, i32 node id, s host, i32 port, e error code, s error message)
11 JoinGroup 6 0-9
g group, i32 session timeout ms, i32 rebalance timeout ms 1+, s member id, s group instance id 5+, s protocol type, [] protocols (s name, d metadata), s reason 8+
i32 throttle time ms 2+, e error code, i32 generation id, s protocol type 7+, s protocol name, s leader, b skip assignment 9+, s member id, [] members (s member id, s group instance id 5+, d metadata)
12 Heartbeat 4 0-4
g group, i32 generation id, s member id, s group instance id 3+
i32 throttle time ms 1+, e error code
13 LeaveGroup 4 0-5
g group, s member id 0-2, [] members 3+ (s member id, s group instance id, s reason 5+)
i32 throttle time ms 1+, e error code, [] members 3+ (s member id, s group instance id, e error code)
14 SyncGroup 4 0-5
g group, i32 generation id, s member id, s group instance id 3+, s protocol type 5+, s protocol name 5+, [] assignments (s member id, d assignment)
i32 throttle time ms 1+, e error code, s protocol type 5+, s protocol name 5+, d assignment
15 DescribeGroups 5 0-6
[g] groups, b include authorized operations 3+
i32 throttle time ms 1+, [] groups (e error code, s error message 6+, g group, s group state, s protocol type, s protocol data, [] members (s member id, s group instance id 4+, s client id, s client host, d member metadata, d member assignment), i32 authorized operations 3+)
16 ListGroups 3 0-5
[s] states filter 4+, [s] types filter 5+
i32 throttle time ms 1+, e error code, [] groups (g group, s protocol type, s group state 4+, s group type 5+)
17 SaslHandshake -1 0-1
s mechanism
e error code, [s] mechanisms
18 ApiVersions 3 0-4
s client software name 3+, s client software version 3+
e error code, [] api keys (i16 api key, i16 min version, i16 max version), i32 throttle time ms 1+, @0 [] supported features 3+ (s name, i16 min version, i16 max version), @1 i64 finalized features epoch 3+, @2 [] finalized features 3+ (s name, i16 max version level, i16 min version level), @3 b zk migration ready 3+
19 CreateTopics 5 0-7
[] topics (t topic, i32 num partitions, i16 replication factor, [] assignments (p partition, [i32] broker ids), [] configs (s name, v value)), i32 timeout ms, b validate only 1+
i32 throttle time ms 2+, [] topics (t topic, w topic id 7+, e error code, s error message 1+, @0 e topic config error code 5+, i32 num partitions 5+, i16 replication factor 5+, [] configs 5+ (s name, v value, b read only, i8 config source, b is sensitive))
20 DeleteTopics 4 0-6
[] topics 6+ (t topic, w topic id), [t] topics 0-5, i32 timeout ms
i32 throttle time ms 1+, [] responses (t topic, w topic id 6+, e error code, s error message 5+)
21 DeleteRecords 2 0-2
[] topics (t topic, [] partitions (p partition, i64 offset)), i32 timeout ms
i32 throttle time ms, [] topics (t topic, [] partitions (p partition, i64 low watermark, e error code))
22 InitProducerId 2 0-6
s transactional id, i32 transaction timeout ms, i64 producer id 3+, i16 producer epoch 3+, b enable 2pc 6+, b keep prepared txn 6+
i32 throttle time ms, e error code, i64 producer id, i16 producer epoch, i64 ongoing txn producer id 6+, i16 ongoing txn producer epoch 6+
23 OffsetForLeaderEpoch 4 0-4
i32 replica id 3+, [] topics (t topic, [] partitions (p partition, i32 current leader epoch 2+, i32 leader epoch))
i32 throttle time ms 2+, [] topics (t topic, [] partitions (e error code, p partition, i32 leader epoch 1+, i64 end offset))
24 AddPartitionsToTxn 3 0-5
[] transactions 4+ (s transactional id, i64 producer id, i16 producer epoch, b verify only, [] topics (t topic, [p] partitions)), s v3 and below transactional id 0-3, i64 v3 and below producer id 0-3, i16 v3 and below producer epoch 0-3, [] v3 and below topics 0-3 (t topic, [p] partitions)
i32 throttle time ms, e error code 4+, [] results by transaction 4+ (s transactional id, [] topic results (t topic, [] results by partition (p partition, e partition error code))), [] results by topic v3 and below 0-3 (t topic, [] results by partition (p partition, e partition error code))
25 AddOffsetsToTxn 3 0-4
s transactional id, i64 producer id, i16 producer epoch, g group
i32 throttle time ms, e error code
26 EndTxn 3 0-5
s transactional id, i64 producer id, i16 producer epoch, b committed
i32 throttle time ms, e error code, i64 producer id 5+, i16 producer epoch 5+
27 WriteTxnMarkers 1 0-2
[] markers (i64 producer id, i16 producer epoch, b transaction result, [] topics (t topic, [p] partition indexes), i32 coordinator epoch, i8 transaction version 2+)
[] markers (i64 producer id, [] topics (t topic, [] partitions (p partition, e error code)))
28 TxnOffsetCommit 3 0-5
s transactional id, g group, i64 producer id, i16 producer epoch, i32 generation id 3+, s member id 3+, s group instance id 3+, [] topics (t topic, [] partitions (p partition, i64 committed offset, i32 committed leader epoch 2+, s committed metadata))
i32 throttle time ms, [] topics (t topic, [] partitions (p partition, e error code))
29 DescribeAcls 2 0-3
i8 resource type filter, s resource name filter, i8 pattern type filter 1+, s principal filter, s host filter, i8 operation, i8 permission type
i32 throttle time ms, e error code, s error message, [] resources (i8 resource type, s resource name, i8 pattern type 1+, [] acls (s principal, s host, i8 operation, i8 permission type))
30 CreateAcls 2 0-3
[] creations (i8 resource type, s resource name, i8 resource pattern type 1+, s principal, s host, i8 operation, i8 permission type)
i32 throttle time ms, [] results (e error code, s error message)
31 DeleteAcls 2 0-3
[] filters (i8 resource type filter, s resource name filter, i8 pattern type filter 1+, s principal filter, s host filter, i8 operation, i8 permission type)
i32 throttle time ms, [] filter results (e error code, s error message, [] matching acls (e error code, s error message, i8 resource type, s resource name, i8 pattern type 1+, s principal, s host, i8 operation, i8 permission type))
32 DescribeConfigs 4 0-4
[] resources (i8 resource type, s resource name, [s] configuration keys), b include synonyms 1+, b include documentation 3+
i32 throttle time ms, [] results (e error code, s error message, i8 resource type, s resource name, [] configs (s name, v value, b read only, i8 config source 1+, b is default 0, b is sensitive, [] synonyms 1+ (s name, v value, i8 source), i8 config type 3+, s documentation 3+))
33 AlterConfigs 2 0-2
[] resources (i8 resource type, s resource name, [] configs (s name, v value)), b validate only
i32 throttle time ms, [] responses (e error code, s error message, i8 resource type, s resource name)
34 AlterReplicaLogDirs 2 0-2
[] dirs (s path, [] topics (t topic, [p] partitions))
i32 throttle time ms, [] results (t topic, [] partitions (p partition, e error code))
35 DescribeLogDirs 2 0-5
[] topics (t topic, [p] partitions)
i32 throttle time ms, e error code 3+, [] results (e error code, s log dir, [] topics (t topic, [] partitions (p partition, i64 partition size, i64 offset lag, b is future key)), i64 total bytes 4+, i64 usable bytes 4+, b is cordoned 5+)
36 SaslAuthenticate 2 0-2
x auth bytes
e error code, s error message, x auth bytes, i64 session lifetime ms 1+
37 CreatePartitions 2 0-3
[] topics (t topic, i32 count, [] assignments ([i32] broker ids)), i32 timeout ms, b validate only
i32 throttle time ms, [] results (t topic, e error code, s error message)
42 DeleteGroups 2 0-2
[g] groups
i32 throttle time ms, [] results (g group, e error code)
43 ElectLeaders 2 0-2
i8 election type 1+, [] topic partitions (t topic, [p] partitions), i32 timeout ms
i32 throttle time ms, e error code 1+, [] replica election results (t topic, [] partition result (p partition, e error code, s error message))
44 IncrementalAlterConfigs 1 0-1
[] resources (i8 resource type, s resource name, [] configs (s name, i8 config operation, v value)), b validate only
i32 throttle time ms, [] responses (e error code, s error message, i8 resource type, s resource name)
45 AlterPartitionReassignments 0 0-1
i32 timeout ms, b allow replication factor change 1+, [] topics (t topic, [] partitions (p partition, [i32] replicas))
i32 throttle time ms, b allow replication factor change 1+, e error code, s error message, [] responses (t topic, [] partitions (p partition, e error code, s error message))
46 ListPartitionReassignments 0 0-0
i32 timeout ms, [] topics (t topic, [p] partition indexes)
i32 throttle time ms, e error code, s error message, [] topics (t topic, [] partitions (p partition, [i32] replicas, [i32] adding replicas, [i32] removing replicas))
47 OffsetDelete -1 0-0
g group, [] topics (t topic, [] partitions (p partition))
e error code, i32 throttle time ms, [] topics (t topic, [] partitions (p partition, e error code))
48 DescribeClientQuotas 1 0-1
[] components (s entity type, i8 match type, s match), b strict
i32 throttle time ms, e error code, s error message, [] entries ([] entity (s entity type, s entity name), [] values (s key, f64 value))
49 AlterClientQuotas 1 0-1
[] entries ([] entity (s entity type, s entity name), [] ops (s key, f64 value, b remove)), b validate only
i32 throttle time ms, [] entries (e error code, s error message, [] entity (s entity type, s entity name))
50 DescribeUserScramCredentials 0 0-0
[] users (s name)
i32 throttle time ms, e error code, s error message, [] results (s user, e error code, s error message, [] credential infos (i8 mechanism, i32 iterations))
51 AlterUserScramCredentials 0 0-0
[] deletions (s name, i8 mechanism), [] upsertions (s name, i8 mechanism, i32 iterations, x salt, x salted password)
i32 throttle time ms, [] results (s user, e error code, s error message)
55 DescribeQuorum 0 0-2
[] topics (t topic, [] partitions (p partition))
e error code, s error message 2+, [] topics (t topic, [] partitions (p partition, e error code, s error message 2+, i32 leader id, i32 leader epoch, i64 high watermark, [] current voters (i32 replica id, u replica directory id 2+, i64 log end offset, i64 last fetch timestamp 1+, i64 last caught up timestamp 1+), [] observers (i32 replica id, u replica directory id 2+, i64 log end offset, i64 last fetch timestamp 1+, i64 last caught up timestamp 1+))), [] nodes 2+ (i32 node id, [] listeners (s name, s host, u16 port))
57 UpdateFeatures 0 0-2
i32 timeout ms, [] feature updates (s feature, i16 max version level, b allow downgrade 0, i8 upgrade type 1+), b validate only 1+
i32 throttle time ms, e error code, s error message, [] results 0-1 (s feature, e error code, s error message)
60 DescribeCluster 0 0-2
b include cluster authorized operations, i8 endpoint type 1+, b include fenced brokers 2+
i32 throttle time ms, e error code, s error message, i8 endpoint type 1+, s cluster id, i32 controller id, [] brokers (i32 broker id, s host, i32 port, s rack, b is fenced 2+), i32 cluster authorized operations
61 DescribeProducers 0 0-0
[] topics (t topic, [p] partition indexes)
i32 throttle time ms, [] topics (t topic, [] partitions (p partition, e error code, s error message, [] active producers (i64 producer id, i32 producer epoch, i32 last sequence, i64 last timestamp, i32 coordinator epoch, i64 current txn start offset)))
65 DescribeTransactions 0 0-0
[s] transactional ids
i32 throttle time ms, [] transaction states (e error code, s transactional id, s transaction state, i32 transaction timeout ms, i64 transaction start time ms, i64 producer id, i16 producer epoch, [] topics (t topic, [p] partitions))
66 ListTransactions 0 0-2
[s] state filters, [i64] producer id filters, i64 duration filter 1+, s transactional id pattern 2+
i32 throttle time ms, e error code, [s] unknown state filters, [] transaction states (s transactional id, i64 producer id, s transaction state)
68 ConsumerGroupHeartbeat 0 0-1
g group, s member id, i32 member epoch, s instance id, s rack id, i32 rebalance timeout ms, [t] subscribed topics, s subscribed topic regex 1+, s server assignor, [] topic partitions (w topic id, [p] partitions)
i32 throttle time ms, e error code, s error message, s member id, i32 member epoch, i32 heartbeat interval ms, ?{} assignment ([] topic partitions (w topic id, [p] partitions))
71 GetTelemetrySubscriptions 0 0-0
u client instance id
i32 throttle time ms, e error code, u client instance id, i32 subscription id, [i8] accepted compression types, i32 push interval ms, i32 telemetry max bytes, b delta temporality, [s] requested metrics
72 PushTelemetry 0 0-0
u client instance id, i32 subscription id, b terminating, i8 compression type, d metrics
i32 throttle time ms, e error code
74 ListConfigResources 0 0-1
[i8] resource types 1+
i32 throttle time ms, e error code, [] config resources (s resource name, i8 resource type 1+)
75 DescribeTopicPartitions 0 0-0
[] topics (t topic), i32 response partition limit, ?{} cursor (t topic, p partition)
i32 throttle time ms, [] topics (e error code, t topic, w topic id, b is internal, [] partitions (e error code, p partition, i32 leader id, i32 leader epoch, [i32] replica nodes, [i32] isr nodes, [i32] eligible leader replicas, [i32] last known elr, [i32] offline replicas), i32 topic authorized operations), ?{} next cursor (t topic, p partition)
`;

/** By API key. */
export const apis: Readonly<Record<number, KafkaApi>> = parse(texts);

/** @returns undefined for a key that does not exist */
export function apiName(key: number): string | undefined {
  return apis[key]?.name ?? otherApis[key];
}

/** Three lines each: key, name, first flexible version, versions; request; response. */
function parse(lines: string): Record<number, KafkaApi> {
  const found: Record<number, KafkaApi> = {};
  const rows = lines.trim().split('\n');
  for (let i = 0; i + 2 < rows.length; i += 3) {
    const [key = '', name = '', flexible, versions = ''] = rows[i]!.split(' ');
    const [first, last] = versions.split('-').map(Number);
    found[Number(key)] = { name, flexible: Number(flexible), first: first ?? 0, last: last ?? 0, request: rows[i + 1]!, response: rows[i + 2]! };
  }
  return found;
}
