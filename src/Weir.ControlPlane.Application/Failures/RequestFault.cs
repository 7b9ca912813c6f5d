namespace Weir.ControlPlane.Application.Failures;

/// <summary>One thing that is wrong with a request.</summary>
/// <param name="Path">Dotted path of the field, camelCase.</param>
public sealed record RequestFault(string Path, string Message);
