using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Weir.Contracts.Agent.V1;
using Weir.Contracts.Mapping;

namespace Weir.Agent.Tests.Link;

/// <summary>Snapshot messages as a control plane makes them.</summary>
internal static class Snapshots
{
    public static PolicySnapshot Make(Guid organizationId, long version, params ReadOnlySpan<Document> documents)
    {
        var snapshot = new PolicySnapshot
        {
            Version = version,
            OrganizationId = ContractMapping.ToBytes(organizationId),
            CompiledAt = Timestamp.FromDateTimeOffset(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)),
            Settings = new Settings
            {
                MaxAge = Duration.FromTimeSpan(TimeSpan.FromHours(1)),
                MaxAgeServiceAccounts = Duration.FromTimeSpan(TimeSpan.FromHours(24)),
                RecordedRows = 100,
                RecordedBytes = 65536,
                ConsoleUrl = "https://weir.example.com",
            },
            MaskingKey = ByteString.CopyFrom(new byte[32]),
        };
        foreach (var document in documents)
            snapshot.Documents.Add(document);
        snapshot.StoredSecrets["orders"] = new StoredSecret { Password = "stored-password" };
        snapshot.Digest = ByteString.CopyFrom(SnapshotDigest.Compute(snapshot));
        return snapshot;
    }

    public static Document Connection(string name) => new()
    {
        Kind = "Connection",
        Name = name,
        Spec = ByteString.CopyFromUtf8("""{"agents":{"names":["test"]},"protocol":"postgres","upstream":{"database":"orders","host":"127.0.0.1","password":{"stored":{}},"port":5439,"tls":"prefer","user":"orders_app"}}"""),
    };

    public static Document Broken(string name) => new() { Kind = "Guardrail", Name = name, Spec = ByteString.CopyFromUtf8("""{"when":{"effects":["explode"]},"action":"deny"}""") };
}
