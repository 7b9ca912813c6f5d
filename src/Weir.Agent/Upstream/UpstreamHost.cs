namespace Weir.Agent.Upstream;

/// <summary>Where one database server listens. A host that starts with <c>/</c> is the directory of a Unix socket, as in libpq.</summary>
internal readonly record struct UpstreamHost(string Name, int Port)
{
    public bool IsUnixSocket => Name.StartsWith('/');

    /// <summary>Hosts of a specification in order: comma separated, each with its own port behind a colon if it has one.</summary>
    public static UpstreamHost[] Parse(string hosts, int defaultPort)
    {
        var parts = hosts.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var parsed = new UpstreamHost[parts.Length];
        for (var i = 0; i < parts.Length; i++)
            parsed[i] = ParseOne(parts[i], defaultPort);
        return parsed;
    }

    private static UpstreamHost ParseOne(string text, int defaultPort)
    {
        if (text.StartsWith('/'))
            return new UpstreamHost(text, defaultPort);
        if (text.StartsWith('[') && text.IndexOf(']') is var end and > 0)
        {
            var rest = text[(end + 1)..];
            return new UpstreamHost(text[1..end], rest.StartsWith(':') && int.TryParse(rest[1..], out var v6Port) ? v6Port : defaultPort);
        }

        var colon = text.LastIndexOf(':');
        // More than one colon without brackets is a bare IPv6 address.
        if (colon > 0 && text.IndexOf(':') == colon && int.TryParse(text[(colon + 1)..], out var port))
            return new UpstreamHost(text[..colon], port);
        return new UpstreamHost(text, defaultPort);
    }
}
