namespace Weir.ControlPlane.Domain.Reviews;

public enum ReviewStatus
{
    Open,
    Approved,
    Rejected,
    Expired,
    Withdrawn,
    Consumed,
}
