using FluentValidation;

namespace Weir.ControlPlane.Application;

/// <summary>How long a page of a list is.</summary>
public static class PageLimits
{
    public const int Default = 100;

    public const int Max = 200;

    internal static IRuleBuilderOptions<T, int> MustBePageLimit<T>(this IRuleBuilder<T, int> rule) => rule.InclusiveBetween(1, Max);

    /// <summary>Makes a page of <paramref name="limit"/> out of a result that was asked for one row more.</summary>
    internal static Page<T> ToPage<T>(this List<T> rows, int limit, Func<T, string> cursor) =>
        rows.Count > limit ? new(rows[..limit], cursor(rows[limit - 1])) : new(rows, null);
}
