using System.Diagnostics;

namespace Weir.ControlPlane.Application.Pipeline;

public static class ControlPlaneTelemetry
{
    /// <summary>Name of the activity source; one activity for each request.</summary>
    public const string SourceName = "Weir.ControlPlane";

    internal static readonly ActivitySource Source = new(SourceName);
}
