namespace Weir.ControlPlane.Domain.Access;

public enum AccessRequestStatus
{
    Pending,
    Approved,
    Rejected,
    Withdrawn,
    Expired,
}
