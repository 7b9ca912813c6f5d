using Weir.ControlPlane.Application.Failures;

namespace Weir.WebConsole.Failures;

/// <summary>Why a request was not served, as it is shown.</summary>
/// <param name="Details">What is wrong with which field.</param>
/// <param name="IsUnknown">It is none of the refusals that are meant to be read; the log says what it was.</param>
public sealed record Failure(string Message, IReadOnlyList<RequestFault> Details, bool IsUnknown = false)
{
    public static Failure Of(Exception exception) => exception switch
    {
        ForbiddenException e => new(e.Message, []),
        NotFoundException e => new(e.Message, []),
        ConflictException e => new(e.Message, []),
        ValidationFailedException { Faults: [{ Path: "" } only] } => new(only.Message, []),
        ValidationFailedException e => new("That is not quite right yet:", e.Faults),
        _ => new("Something failed; nothing was changed.", [], IsUnknown: true),
    };
}
