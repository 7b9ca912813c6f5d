namespace Weir.ControlPlane.Application.Failures;

/// <summary>The request itself is wrong; nothing was done.</summary>
public sealed class ValidationFailedException(IReadOnlyList<RequestFault> faults)
    : Exception(string.Join("; ", faults.Select(f => f.Path.Length == 0 ? f.Message : $"{f.Path}: {f.Message}")))
{
    public ValidationFailedException(string path, string message)
        : this([new RequestFault(path, message)])
    {
    }

    public IReadOnlyList<RequestFault> Faults { get; } = faults;
}
