namespace Weir.ControlPlane.Domain.Access;

/// <summary>How much a grant allows; each level includes the one before.</summary>
public enum AccessLevel
{
    Read = 1,
    Write = 2,
    Admin = 3,
}
