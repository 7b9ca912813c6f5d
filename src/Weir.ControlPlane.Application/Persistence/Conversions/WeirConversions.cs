using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using Weir.ControlPlane.Domain;
using Weir.ControlPlane.Domain.Access;

namespace Weir.ControlPlane.Application.Persistence.Conversions;

internal static class WeirConversions
{
    /// <summary>Typed identifiers as uuid, enumerations as text, instants as timestamptz, durations as microseconds.</summary>
    public static void UseWeirConversions(this ModelConfigurationBuilder builder)
    {
        foreach (var type in typeof(ITenantOwned).Assembly.GetTypes())
        {
            if (type.IsValueType && type.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(ITypedId<>)))
            {
                builder.Properties(type).HaveConversion(typeof(TypedIdConverter<>).MakeGenericType(type));
            }
            else if (type.IsEnum && type.Name != nameof(Domain.Principals.Roles))
            {
                builder.Properties(type).HaveConversion(typeof(EnumTextConverter<>).MakeGenericType(type)).HaveMaxLength(32);
            }
        }

        builder.Properties<CredentialId>().HaveConversion<CredentialIdConverter>().HaveMaxLength(64);
        builder.Properties<TimeSpan>().HaveConversion<TimeSpanConverter>();
    }

    private sealed class CredentialIdConverter() : ValueConverter<CredentialId, string>(id => id.Value, value => new CredentialId(value));

    private sealed class TimeSpanConverter() : ValueConverter<TimeSpan, long>(
        span => span.Ticks / TimeSpan.TicksPerMicrosecond,
        micros => TimeSpan.FromTicks(micros * TimeSpan.TicksPerMicrosecond));
}
