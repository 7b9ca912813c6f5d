using System.Collections.Immutable;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Weir.Contracts.Agent.V1;
using Weir.Policy.Access;
using Weir.Policy.Snapshots;
using Grant = Weir.Policy.Access.Grant;
using PrincipalKind = Weir.Policy.Access.PrincipalKind;

namespace Weir.Contracts.Mapping;

/// <summary>
/// Between messages and the types of Weir.Policy. Reading throws <see cref="ContractViolationException"/> on anything that has no certain meaning: what is
/// unspecified or unknown never becomes a default.
/// </summary>
public static class ContractMapping
{
    /// <summary>16 bytes in network order, as everywhere in the contracts.</summary>
    public static ByteString ToBytes(Guid id) => UnsafeByteOperations.UnsafeWrap(id.ToByteArray(bigEndian: true));

    /// <exception cref="ContractViolationException">It does not have 16 bytes.</exception>
    public static Guid ToGuid(ByteString bytes, string field) => bytes.Length == 16
        ? new Guid(bytes.Span, bigEndian: true)
        : throw new ContractViolationException($"{field} must have 16 bytes, not {bytes.Length}.");

    /// <summary>Null for an empty field.</summary>
    public static Guid? ToOptionalGuid(ByteString bytes, string field) => bytes.IsEmpty ? null : ToGuid(bytes, field);

    public static PrincipalInfo ToContract(Principal principal)
    {
        var info = new PrincipalInfo
        {
            Id = ToBytes(principal.Id),
            Name = principal.Name,
            Kind = ToContract(principal.Kind),
            OnBehalfOf = principal.OnBehalfOf ?? "",
        };
        info.Groups.AddRange(principal.Groups);
        return info;
    }

    public static Principal ToPrincipal(PrincipalInfo info) => new(
        ToGuid(info.Id, "principal.id"),
        info.Name.Length > 0 ? info.Name : throw new ContractViolationException("principal.name is empty."),
        ToKind(info.Kind),
        [.. info.Groups],
        info.OnBehalfOf.Length == 0 ? null : info.OnBehalfOf);

    public static Agent.V1.PrincipalKind ToContract(PrincipalKind kind) => kind switch
    {
        PrincipalKind.User => Agent.V1.PrincipalKind.User,
        PrincipalKind.ServiceAccount => Agent.V1.PrincipalKind.ServiceAccount,
        PrincipalKind.AiAgent => Agent.V1.PrincipalKind.AiAgent,
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    public static PrincipalKind ToKind(Agent.V1.PrincipalKind kind) => kind switch
    {
        Agent.V1.PrincipalKind.User => PrincipalKind.User,
        Agent.V1.PrincipalKind.ServiceAccount => PrincipalKind.ServiceAccount,
        Agent.V1.PrincipalKind.AiAgent => PrincipalKind.AiAgent,
        _ => throw new ContractViolationException($"principal.kind {(int)kind} is unknown."),
    };

    public static Agent.V1.Grant ToContract(Grant grant) => new()
    {
        Id = ToBytes(grant.Id),
        PrincipalId = ToBytes(grant.PrincipalId),
        Connection = grant.Connection,
        Access = NameOf(grant.Access),
        EndsAt = grant.EndsAt is { } end ? Timestamp.FromDateTimeOffset(end) : null,
    };

    public static Grant ToGrant(Agent.V1.Grant grant) => new(
        ToGuid(grant.Id, "grant.id"),
        ToGuid(grant.PrincipalId, "grant.principal_id"),
        grant.Connection,
        ToLevel(grant.Access),
        grant.EndsAt?.ToDateTimeOffset());

    public static string NameOf(AccessLevel level) => level switch
    {
        AccessLevel.Read => "read",
        AccessLevel.Write => "write",
        AccessLevel.Admin => "admin",
        _ => throw new ArgumentOutOfRangeException(nameof(level)),
    };

    public static AccessLevel ToLevel(string name) => name switch
    {
        "read" => AccessLevel.Read,
        "write" => AccessLevel.Write,
        "admin" => AccessLevel.Admin,
        _ => throw new ContractViolationException($"grant.access \"{name}\" is unknown."),
    };

    public static Settings ToContract(PolicySettings settings) => new()
    {
        MaxAge = Duration.FromTimeSpan(settings.MaxAge),
        MaxAgeServiceAccounts = Duration.FromTimeSpan(settings.MaxAgeServiceAccounts),
        RecordedRows = settings.RecordedRows,
        RecordedBytes = settings.RecordedBytes,
        ConsoleUrl = settings.ConsoleUrl,
    };

    /// <summary>An absent message or age means the default; a count of 0 means that nothing is recorded of an answer.</summary>
    public static PolicySettings ToSettings(Settings? settings)
    {
        if (settings is null)
            return PolicySettings.Default;
        if (settings.RecordedRows < 0 || settings.RecordedBytes < 0)
            throw new ContractViolationException("settings.recorded_rows and recorded_bytes can't be negative.");
        return new PolicySettings(
            ToAge(settings.MaxAge, PolicySettings.Default.MaxAge, "settings.max_age"),
            ToAge(settings.MaxAgeServiceAccounts, PolicySettings.Default.MaxAgeServiceAccounts, "settings.max_age_service_accounts"),
            settings.RecordedRows,
            settings.RecordedBytes,
            settings.ConsoleUrl);
    }

    private static TimeSpan ToAge(Duration? duration, TimeSpan absent, string field)
    {
        if (duration is null)
            return absent;
        var age = duration.ToTimeSpan();
        return age > TimeSpan.Zero ? age : throw new ContractViolationException($"{field} must be more than nothing.");
    }
}
