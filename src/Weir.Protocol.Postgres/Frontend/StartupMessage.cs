using System.Text;
using Weir.Protocol.Postgres.Framing;
using Weir.Protocol.Postgres.Startup;

namespace Weir.Protocol.Postgres.Frontend;

/// <summary>
/// The first message of a session: protocol version, then name/value pairs, then an empty name (PostgreSQL manual, "Message Formats").
/// Of a name that occurs twice the last one counts, as on the server.
/// </summary>
public readonly ref struct StartupMessage
{
    /// <summary>Names with this prefix ask for protocol options and are not run-time parameters.</summary>
    public static ReadOnlySpan<byte> ProtocolOptionPrefix => "_pq_."u8;

    private readonly ReadOnlySpan<byte> _parameters;

    private StartupMessage(ProtocolVersion version, ReadOnlySpan<byte> parameters)
    {
        Version = version;
        _parameters = parameters;
    }

    public ProtocolVersion Version { get; }

    /// <summary>All parameters in the order sent, protocol options among them.</summary>
    public StartupParameterEnumerator Parameters => new(_parameters);

    /// <exception cref="ProtocolViolationException">A string without end, a name without value, or anything behind the terminator.</exception>
    public static StartupMessage Read(in StartupPacket packet)
    {
        if (packet.Kind != StartupPacketKind.StartupMessage)
            Violation.ThrowFatal("invalid startup packet layout");
        var version = new ProtocolVersion(packet.Code);
        if (version.Major != 3)
        {
            // The layout of other major versions is not known; negotiation refuses them by the version alone.
            return new StartupMessage(version, []);
        }

        var reader = new BodyReader(packet.Body);
        while (true)
        {
            if (reader.Remaining == 0 || !reader.Rest.Contains((byte)0))
                Violation.ThrowFatal("invalid startup packet layout: expected terminator as last byte");
            if (reader.ReadCString().IsEmpty)
                break;
            if (!reader.Rest.Contains((byte)0))
                Violation.ThrowFatal("invalid startup packet layout: expected terminator as last byte");
            reader.ReadCString();
        }

        if (reader.Remaining != 0)
            Violation.ThrowFatal("invalid startup packet layout: expected terminator as last byte");
        return new StartupMessage(version, packet.Body[..^1]);
    }

    /// <summary>The last value given for the name; names are compared byte by byte.</summary>
    public bool TryGetParameter(ReadOnlySpan<byte> name, out ReadOnlySpan<byte> value)
    {
        var found = false;
        value = default;
        foreach (var parameter in Parameters)
        {
            if (parameter.Name.SequenceEqual(name))
            {
                value = parameter.Value;
                found = true;
            }
        }

        return found;
    }

    /// <summary>The last value given for the name as UTF-8, or null. Invalid bytes become U+FFFD.</summary>
    public string? GetParameter(ReadOnlySpan<byte> name) => TryGetParameter(name, out var value) ? Encoding.UTF8.GetString(value) : null;

    public static void Write(MessageWriter writer, ProtocolVersion version, IEnumerable<KeyValuePair<string, string>> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        var start = writer.BeginUntyped();
        writer.WriteInt32(version.Code);
        foreach (var (name, value) in parameters)
        {
            ArgumentException.ThrowIfNullOrEmpty(name, nameof(parameters));
            writer.WriteCString(name);
            writer.WriteCString(value);
        }

        writer.WriteByte(0);
        writer.EndMessage(start);
    }
}
