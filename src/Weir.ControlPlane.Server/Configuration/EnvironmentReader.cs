using System.Collections;
using System.Globalization;
using System.Net;

namespace Weir.ControlPlane.Server.Configuration;

/// <summary>Reads settings and collects faults instead of stopping at the first one. Values never appear in a fault: they may be secrets.</summary>
internal sealed class EnvironmentReader(IDictionary environment, List<string> faults)
{
    public bool Has(string key) => Find(key) is not null;

    public string Text(string key, string fallback) => Find(key) ?? fallback;

    public string Required(string key)
    {
        if (Find(key) is { } value)
        {
            return value;
        }

        faults.Add($"{key}: must be set");
        return "";
    }

    public int Port(string key, int fallback) => Parse(key, fallback, "a port from 1 to 65535", static text =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is >= 1 and <= 65535 ? port : null);

    public bool Flag(string key, bool fallback) => Parse(key, fallback, "true or false", static text => bool.TryParse(text, out var flag) ? flag : null);

    public IPAddress Address(string key, IPAddress fallback)
    {
        if (Find(key) is not { } text)
        {
            return fallback;
        }

        if (IPAddress.TryParse(text, out var address))
        {
            return address;
        }

        faults.Add($"{key}: must be an IP address");
        return fallback;
    }

    public Uri Url(string key, string fallback)
    {
        var text = Find(key) ?? fallback;
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttp || url.Scheme == Uri.UriSchemeHttps))
        {
            return url;
        }

        faults.Add($"{key}: must be an http or https address");
        return new Uri("http://invalid");
    }

    public IReadOnlyList<string> List(string key, IReadOnlyList<string> fallback) =>
        Find(key) is { } text ? text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) : fallback;

    /// <summary>Networks in CIDR notation, or single addresses.</summary>
    public IReadOnlyList<IPNetwork> Networks(string key)
    {
        var networks = new List<IPNetwork>();
        foreach (var text in List(key, []))
        {
            if (IPNetwork.TryParse(text, out var network))
            {
                networks.Add(network);
            }
            else if (IPAddress.TryParse(text, out var single))
            {
                networks.Add(new IPNetwork(single, single.GetAddressBytes().Length * 8));
            }
            else
            {
                faults.Add($"{key}: must be networks such as 10.1.0.0/16, separated by commas");
            }
        }

        return networks;
    }

    private T Parse<T>(string key, T fallback, string shape, Func<string, T?> parse)
        where T : struct
    {
        if (Find(key) is not { } text)
        {
            return fallback;
        }

        if (parse(text) is { } value)
        {
            return value;
        }

        faults.Add($"{key}: must be {shape}");
        return fallback;
    }

    private string? Find(string key) => environment[key] is string { Length: > 0 } value ? value : null;
}
