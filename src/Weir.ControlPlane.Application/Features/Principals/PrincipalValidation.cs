using FluentValidation;
using Weir.ControlPlane.Domain.Principals;

namespace Weir.ControlPlane.Application.Features.Principals;

internal static class PrincipalValidation
{
    public static IRuleBuilderOptions<T, IReadOnlyList<string>?> MustBeGroupNames<T>(this IRuleBuilder<T, IReadOnlyList<string>?> rule) =>
        rule.Must(g => g is null || (g.Count <= GroupAssignment.MaxGroups && g.All(n => n is { Length: > 0 and <= Group.MaxNameLength } && !n.Any(char.IsControl))))
            .WithMessage($"At most {GroupAssignment.MaxGroups} names of 1 to {Group.MaxNameLength} characters.");

    /// <summary>Long rather than colourful (NIST SP 800-63B); null is allowed.</summary>
    public static IRuleBuilderOptions<T, string?> MustBePassword<T>(this IRuleBuilder<T, string?> rule) =>
        rule.Must(p => p is null || p.Length is >= 12 and <= 200).WithMessage("A password has 12 to 200 characters.");
}
