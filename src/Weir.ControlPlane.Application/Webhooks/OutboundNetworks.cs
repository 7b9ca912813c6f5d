using System.Net;
using System.Net.Sockets;

namespace Weir.ControlPlane.Application.Webhooks;

/// <summary>
/// Which addresses the control plane connects to because an organization's administrator asked for it: those of the public Internet, and networks that whoever
/// runs the server has allowed. Everything else (loopback, private, link-local with its metadata services, shared, multicast, reserved, translated) could be a
/// machine that trusts the control plane's network.
/// </summary>
/// <param name="allowed">Networks that may be reached all the same, also without TLS.</param>
public sealed class OutboundNetworks(IReadOnlyList<IPNetwork> allowed)
{
    // IANA IPv4 special-purpose address registry (RFC 6890), multicast and class E.
    private static readonly IPNetwork[] ClosedIPv4 =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24",
            "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        }.Select(n => IPNetwork.Parse(n)),
    ];

    // Of IPv6 only global unicast is open at all, and of that not what is special or carries an IPv4 address (Teredo, 6to4).
    private static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");

    private static readonly IPNetwork[] ClosedGlobalUnicast =
        [.. new[] { "2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20" }.Select(n => IPNetwork.Parse(n))];

    public static OutboundNetworks PublicOnly { get; } = new([]);

    /// <summary>Whether any network is allowed by name; without one every address must be public and every webhook must use https.</summary>
    public bool AllowsAny => allowed.Count > 0;

    /// <param name="encrypted">Plain http is for allowed networks only.</param>
    public bool Permits(IPAddress address, bool encrypted)
    {
        // ::ffff:10.0.0.1 is 10.0.0.1, and a zone says only through which interface.
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : new IPAddress(address.GetAddressBytes());
        return allowed.Any(n => n.Contains(plain)) || (encrypted && IsPublic(plain));
    }

    private static bool IsPublic(IPAddress address) => address.AddressFamily switch
    {
        AddressFamily.InterNetwork => !ClosedIPv4.Any(n => n.Contains(address)),
        AddressFamily.InterNetworkV6 => GlobalUnicast.Contains(address) && !ClosedGlobalUnicast.Any(n => n.Contains(address)),
        _ => false,
    };
}
