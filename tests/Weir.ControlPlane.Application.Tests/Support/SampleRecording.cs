using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Weir.ControlPlane.Application.Authorization;
using Weir.ControlPlane.Application.Features.Sessions.Recording;
using Weir.ControlPlane.Domain.Reviews;

namespace Weir.ControlPlane.Application.Tests.Support;

/// <summary>Writes the recording of one session as an agent does: numbered, each event with the hash of the one before.</summary>
internal sealed class SampleRecording(TestControlPlane weir, TestOrganization organization, Actor principal, Actor? agent = null)
{
    private readonly Actor _agent = agent ?? organization.Agent;
    private long _sequence;
    private byte[] _head = new byte[32];

    public Guid SessionId { get; } = Guid.CreateVersion7(weir.Time.GetUtcNow());

    /// <summary>Everything written so far.</summary>
    public List<ReadOnlyMemory<byte>> Events { get; } = [];

    /// <summary>A whole session: one statement that returned two rows, one that was denied, and the end.</summary>
    public SampleRecording Whole()
    {
        Start();
        Add(Statement(1, "SELECT id, email FROM customers", "allow"));
        Add(new RecordedBody.Columns(1, [new("id", 23, 0, "", ""), new("email", 25, 0, "pii", "lineage")]));
        Add(new RecordedBody.Rows(1, [Row("1", "***"), Row("2", null)]));
        Add(new RecordedBody.Finished(1, "ok", "SELECT 2", 2, "", "", 1234, SHA256.HashData([1]), 2, 30));
        Add(Statement(2, "DROP TABLE customers", "deny"));
        Add(new RecordedBody.Finished(2, "denied", "", null, "42501", "weir: denied by guardrail \"no-destructive-ddl\"", 10, null, 0, 0));
        End(2, 1);
        return this;
    }

    /// <summary>The same statement twice and another one with a text of its own, in short: the later ones say only what is new.</summary>
    public SampleRecording Short()
    {
        Start();
        Add(Statement(1, "SELECT id, email FROM customers", "allow"));
        Add(new RecordedBody.Finished(1, "ok", "SELECT 1", 1, "", "", 1234, null, 1, 9, new([new("id", 23, 0, "", ""), new("email", 25, 0, "pii", "lineage")], 0, [Row("1", "***")])));
        Add(new RecordedBody.Statement(2, "", [], "", [], [], [], 0, 0, "", "", 1));
        Add(new RecordedBody.Finished(2, "ok", "SELECT 1", 1, "", "", 1234, null, 1, 9, new([], 3, [Row("2", "***")])));
        Add(new RecordedBody.Statement(3, "SELECT 1", [], "", [], [], [], 0, 0, "", "", 1));
        Add(new RecordedBody.Finished(3, "ok", "SELECT 0", 0, "", "", 1234, null, 0, 0));
        End(3, 0);
        return this;
    }

    public SampleRecording Start()
    {
        Add(new RecordedBody.Started(
            organization.Id, _agent.Id!.Value, principal.Id!.Value, principal.Name, WireName.Of(principal.Kind), principal.OnBehalfOf is null ? "" : organization.Dev.Name, "orders", "w_x",
            null, "127.0.0.1:5000", true, false, "psql", new Dictionary<string, string> { ["ticket"] = "T-7" }, "orders_app", "18.4", "3.0", 1));
        return this;
    }

    public void End(long statements, long denied) => Add(new RecordedBody.Ended("client", "closed", statements, denied, 100, 200));

    public static RecordedBody.Statement Statement(long number, string text, string decision) => new(
        number, text, [new("7", false, false, false, 23), new("", true, false, false, 25)], decision,
        decision == "deny" ? [new DecisionReason("guardrail", "no-destructive-ddl", "deny", "Ship a migration.", "", false)] : [], ["read"], ["public.customers"], 1, 0, "extended", "SELECT");

    public ReadOnlyMemory<byte> Add(RecordedBody? body)
    {
        var bytes = weir.Events.Write(new RecordedEvent(SessionId, ++_sequence, weir.Time.GetUtcNow(), _head, body));
        _head = SHA256.HashData(bytes.Span);
        Events.Add(bytes);
        return bytes;
    }

    private static ReadOnlyMemory<byte> Row(params string?[] values)
    {
        using var row = new MemoryStream();
        var length = new byte[4];
        BinaryPrimitives.WriteInt16BigEndian(length, (short)values.Length);
        row.Write(length, 0, 2);
        foreach (var value in values)
        {
            BinaryPrimitives.WriteInt32BigEndian(length, value is null ? -1 : Encoding.UTF8.GetByteCount(value));
            row.Write(length);
            row.Write(Encoding.UTF8.GetBytes(value ?? ""));
        }

        return row.ToArray();
    }
}
