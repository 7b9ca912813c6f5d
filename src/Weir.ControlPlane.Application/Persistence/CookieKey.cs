namespace Weir.ControlPlane.Application.Persistence;

/// <summary>
/// A key of sign-in cookies, encrypted by the master key. It belongs to no organization: it is needed before anybody is known. Here for the schema alone; the
/// server's own context reads and writes it.
/// </summary>
internal sealed class CookieKey
{
    public int Id { get; private set; }

    public string? FriendlyName { get; private set; }

    public string? Xml { get; private set; }
}
