using Weir.ControlPlane.Application;

namespace Weir.ControlPlane.Server.Api;

/// <summary>Keyset paging: <c>?after=…&amp;limit=…</c>.</summary>
/// <param name="After">The <c>next</c> of the page before.</param>
/// <param name="Limit">1 to 200; 100 by default.</param>
internal readonly record struct Paging(string? After, int? Limit)
{
    public int Size => Limit ?? PageLimits.Default;
}
