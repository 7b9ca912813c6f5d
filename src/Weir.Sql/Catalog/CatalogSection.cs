namespace Weir.Sql.Catalog;

/// <summary>The parts of a catalog snapshot, one query each; the order is that in which they are loaded.</summary>
public enum CatalogSection
{
    Server,
    Schemas,
    Types,
    Relations,
    Columns,
    Inheritance,
    Constraints,
    Rules,
    Triggers,
    Policies,
    Functions,
    Aggregates,
    OperatorNames,
    Operators,
    Casts,
    SupportFunctions,
    EventTriggers,
    UniqueColumns,
    StoredExpressions,
}
