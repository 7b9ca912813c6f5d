namespace Weir.ControlPlane.Application.WebConsole;

public enum ConsoleSubject
{
    /// <summary>Changes may have been missed: load everything again.</summary>
    Everything,
    Policies,
    Credentials,
    Reviews,
    AccessRequests,
    Sessions,
    Agents,
    Webhooks,
    Principals,
    Tokens,
    Audit,
}
