namespace Weir.Policy.Access;

/// <summary>How much a principal may do on a connection; each level includes the one below (INTERFACE: access levels).</summary>
public enum AccessLevel
{
    None = 0,
    Read = 1,
    Write = 2,
    Admin = 3,
}
