using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Weir.Contracts.Agent.V1;
using Weir.Contracts.Mapping;
using Weir.ControlPlane.Application.Features.Documents;

namespace Weir.ControlPlane.Server.Agents;

/// <summary>A compiled snapshot as it is sent to an agent.</summary>
internal static class SnapshotMessage
{
    public static ControlMessage Create(CompileSnapshot.Response compiled)
    {
        var snapshot = new PolicySnapshot
        {
            Version = compiled.Version,
            OrganizationId = ContractMapping.ToBytes(compiled.OrganizationId),
            CompiledAt = Timestamp.FromDateTimeOffset(compiled.CompiledAt),
            Settings = ContractMapping.ToContract(compiled.Settings),
            MaskingKey = ByteString.CopyFrom(compiled.MaskingKey.Span),
        };
        foreach (var document in compiled.Documents)
        {
            var message = new Document { Kind = document.Kind, Name = document.Name, Spec = ByteString.CopyFrom(document.Spec.Span) };
            message.Labels.Add(document.Labels.ToDictionary());
            snapshot.Documents.Add(message);
        }

        foreach (var (connection, secret) in compiled.StoredSecrets)
        {
            snapshot.StoredSecrets[connection] = new StoredSecret
            {
                Password = Slot(secret, StoredSecrets.Password),
                ReadOnlyPassword = Slot(secret, StoredSecrets.ReadOnlyPassword),
                ClientCertificate = Slot(secret, StoredSecrets.ClientCertificate),
                ClientKey = Slot(secret, StoredSecrets.ClientKey),
                ReadOnlyClientCertificate = Slot(secret, StoredSecrets.ReadOnlyClientCertificate),
                ReadOnlyClientKey = Slot(secret, StoredSecrets.ReadOnlyClientKey),
            };
        }

        snapshot.Digest = ByteString.CopyFrom(SnapshotDigest.Compute(snapshot));
        return new ControlMessage { Snapshot = snapshot };
    }

    private static string Slot(CompileSnapshot.Secret secret, string slot) => secret.Values.GetValueOrDefault(slot, "");
}
