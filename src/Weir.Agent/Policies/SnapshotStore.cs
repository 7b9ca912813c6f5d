using System.Buffers.Binary;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Weir.Contracts.Mapping;
using Weir.Policy.Compilation;
using SnapshotMessage = Weir.Contracts.Agent.V1.PolicySnapshot;

namespace Weir.Agent.Policies;

/// <summary>
/// Brings snapshots into force, whole or not at all, and keeps the last good one with its secrets in a sealed file, so that a restarted agent works while the
/// control plane is away; and when the control plane was last heard, so that a restart does not make a policy young again.
/// </summary>
internal sealed partial class SnapshotStore(
    SealedFile snapshotFile,
    SealedFile heardFile,
    PolicyHolder policies,
    StoredSecrets secrets,
    Guid organizationId,
    ILogger log)
{
    /// <summary>How exactly the last-heard time survives a restart; a restarted agent counts at most this much more age than there is.</summary>
    private static readonly TimeSpan HeardGranularity = TimeSpan.FromSeconds(30);

    private DateTimeOffset _heardWritten;

    /// <summary>Version in force, 0 for none.</summary>
    public long Version => policies.Current?.Version ?? 0;

    /// <summary>Restores the last good snapshot. A damaged one is reported and left aside: the agent then denies until it hears the control plane.</summary>
    public void Load()
    {
        try
        {
            if (snapshotFile.Read() is not { } content)
                return;
            var message = SnapshotMessage.Parser.ParseFrom(content);
            var compiled = Compile(message);
            if (heardFile.Read() is { Length: 8 } heard)
                policies.RestoreHeardAt(new DateTimeOffset(BinaryPrimitives.ReadInt64LittleEndian(heard), TimeSpan.Zero));
            secrets.Replace(message.StoredSecrets);
            policies.Apply(compiled);
            LogRestored(log, compiled.Version);
        }
        catch (Exception exception) when (exception is InvalidDataException or InvalidProtocolBufferException or ContractViolationException or PolicyCompilationException)
        {
            LogNotRestored(log, exception.Message);
        }
    }

    /// <summary>Brings a snapshot into force and keeps it.</summary>
    /// <returns>Null when it is in force; else why it can't be used, for an administrator.</returns>
    public string? Apply(SnapshotMessage message)
    {
        var current = policies.Current;
        if (current is not null && message.Version < current.Version)
            return $"version {message.Version} is older than {current.Version}, which is in force";
        if (current is not null && message.Version == current.Version && !message.Digest.Span.SequenceEqual(current.Snapshot.Digest.Span))
            return $"version {message.Version} is in force with another content";
        CompiledPolicy compiled;
        try
        {
            compiled = Compile(message);
        }
        catch (Exception exception) when (exception is ContractViolationException or PolicyCompilationException)
        {
            return exception.Message;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // A defect of the compiler must not end the link; the policy in force stays, and both sides are told.
            LogCompilationFaulted(log, exception, message.Version);
            return $"the agent could not compile it ({exception.GetType().Name})";
        }

        secrets.Replace(message.StoredSecrets);
        policies.Heard();
        policies.Apply(compiled);
        snapshotFile.Write(message.ToByteArray());
        RememberHeard(isForced: true);
        return null;
    }

    /// <summary>Notes that the control plane was heard, now and then on disk too.</summary>
    public void Heard()
    {
        policies.Heard();
        RememberHeard(isForced: false);
    }

    private void RememberHeard(bool isForced)
    {
        var heard = policies.HeardAt;
        if (!isForced && (heard - _heardWritten).Duration() < HeardGranularity)
            return;
        Span<byte> ticks = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(ticks, heard.UtcTicks);
        heardFile.Write(ticks, isDurable: false);
        _heardWritten = heard;
    }

    private CompiledPolicy Compile(SnapshotMessage message)
    {
        var snapshot = SnapshotMapping.ToModel(message);
        if (snapshot.OrganizationId != organizationId)
            throw new ContractViolationException("the snapshot is of another organization.");
        return CompiledPolicy.Compile(snapshot, message.MaskingKey.Memory);
    }

    [LoggerMessage(3101, LogLevel.Information, "Policy version {Version} restored from disk")]
    private static partial void LogRestored(ILogger log, long version);

    [LoggerMessage(3102, LogLevel.Error, "The stored policy can't be used, sessions are refused until the control plane sends one: {Reason}")]
    private static partial void LogNotRestored(ILogger log, string reason);

    [LoggerMessage(3103, LogLevel.Error, "Policy version {Version} could not be compiled")]
    private static partial void LogCompilationFaulted(ILogger log, Exception exception, long version);
}
