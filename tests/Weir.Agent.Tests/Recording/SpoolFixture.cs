using System.Security.Cryptography;
using Weir.Agent.Configuration;
using Weir.Agent.Policies;
using Weir.Agent.Recording;
using Weir.Contracts.Agent.V1;
using Weir.Policy.Access;
using Weir.Policy.Analysis;
using Weir.Policy.Decisions;
using PrincipalKind = Weir.Policy.Access.PrincipalKind;

namespace Weir.Agent.Tests.Recording;

/// <summary>A spool in a directory of its own, with a recorder, without the flushing thread: tests flush when they want to.</summary>
internal sealed class SpoolFixture : IDisposable
{
    public const long SmallSpool = 16L * 1024 * 1024;

    private readonly TemporaryDirectory _directory = new();
    private bool _isOpen;

    public SpoolFixture(long capacity = SmallSpool)
    {
        Capacity = capacity;
        Reopen();
    }

    public long Capacity { get; }

    public string Path => System.IO.Path.Combine(_directory.Path, "spool");

    public ManualTime Time { get; } = new();

    public Guid OrganizationId { get; } = Guid.NewGuid();

    public Guid AgentId { get; } = Guid.NewGuid();

    public Spool Spool { get; private set; } = null!;

    public Recorder Recorder { get; private set; } = null!;

    public static StatementTemplate Template(string text = "", Verdict verdict = Verdict.Allow) =>
        StatementTemplate.Create(System.Text.Encoding.UTF8.GetBytes(text), verdict, [], Effects.Read, [], 7, isExtended: true, "SELECT");

    public static StatementTemplate SelectOne { get; } = Template("SELECT 1");

    /// <summary>Opens the spool as a new process would. The old one is not asked to finish anything.</summary>
    public void Reopen(SpoolDurability durability = SpoolDurability.Group)
    {
        _isOpen = true;
        Spool = Spool.Open(Path, Capacity);
        Recorder = new Recorder(Spool, durability, new PolicyHolder(Time), OrganizationId, AgentId, Time);
    }

    public void Close()
    {
        if (_isOpen)
            Spool.Dispose();
        _isOpen = false;
    }

    public ISessionRecording Open(Guid? id = null) => Recorder.TryOpen(Start(id)).ShouldNotBeNull();

    public static SessionStart Start(Guid? id = null) => new()
    {
        SessionId = id ?? Guid.NewGuid(),
        Principal = new Principal(Guid.NewGuid(), "ada@example.com", PrincipalKind.User, ["engineers"]),
        Connection = "orders",
        CredentialId = "cred1",
        ClientAddress = "127.0.0.1",
        SnapshotVersion = 7,
    };

    /// <summary>Flushes, and reads everything that is not acknowledged.</summary>
    public List<SessionEvent> ReadAll()
    {
        Spool.Flush().ShouldBeTrue();
        using var reader = new SpoolReader(Spool);
        var events = new List<SessionEvent>();
        while (reader.Read(64 * 1024) is { } batch)
            events.AddRange(batch.Events.Select(SessionEvent.Parser.ParseFrom));
        return events;
    }

    /// <summary>Sequences without gaps from 1, and each event carrying the hash of the serialized one before it.</summary>
    public static void ShouldBeChained(IEnumerable<Google.Protobuf.ByteString> serialized)
    {
        var last = new Dictionary<Google.Protobuf.ByteString, (long Sequence, byte[] Hash)>();
        foreach (var bytes in serialized)
        {
            var parsed = SessionEvent.Parser.ParseFrom(bytes);
            var (sequence, hash) = last.GetValueOrDefault(parsed.SessionId, (0, new byte[32]));
            parsed.Sequence.ShouldBe(sequence + 1);
            parsed.PreviousHash.ToByteArray().ShouldBe(hash);
            last[parsed.SessionId] = (parsed.Sequence, SHA256.HashData(bytes.Span));
        }
    }

    public List<Google.Protobuf.ByteString> ReadAllSerialized()
    {
        Spool.Flush().ShouldBeTrue();
        using var reader = new SpoolReader(Spool);
        var events = new List<Google.Protobuf.ByteString>();
        while (reader.Read(64 * 1024) is { } batch)
            events.AddRange(batch.Events);
        return events;
    }

    public void Dispose()
    {
        Close();
        _directory.Dispose();
    }
}
