namespace Weir.Policy.Analysis;

/// <summary>In which ways a statement uses a column, as a set. Everything but <see cref="Output"/> and <see cref="Written"/> can reveal the value of a masked column by which rows come back, or their order.</summary>
[Flags]
public enum ColumnUse : uint
{
    None = 0,

    /// <summary>Flows into a result column; masking takes care of it.</summary>
    Output = 1 << 0,

    /// <summary>Assigned by INSERT, UPDATE, MERGE or COPY FROM.</summary>
    Written = 1 << 1,

    /// <summary>Compared by <c>=</c> with one constant, one parameter, or a column (WHERE, JOIN … ON).</summary>
    EqualityPredicate = 1 << 2,

    /// <summary>Any other use in WHERE, ON, HAVING, FILTER, CASE or other condition.</summary>
    Predicate = 1 << 3,
    JoinKey = 1 << 4,
    OrderBy = 1 << 5,
    GroupBy = 1 << 6,

    /// <summary>DISTINCT, UNION, INTERSECT, EXCEPT.</summary>
    Distinct = 1 << 7,

    /// <summary>Argument of an aggregate other than plain count(*).</summary>
    Aggregate = 1 << 8,

    /// <summary>Input of a value that is stored elsewhere (INSERT … SELECT, CREATE TABLE AS, UPDATE … SET x = secret).</summary>
    CopiedTo = 1 << 9,

    /// <summary>Passed to a function whose effect is not the result alone (side effects, errors built from values).</summary>
    FunctionInput = 1 << 10,

    /// <summary>
    /// Compared by the database itself with one value that the client writes: a unique index or an exclusion constraint on the column, or a foreign key that
    /// references it, makes the statement fail or do nothing by whether the value exists.
    /// </summary>
    Probed = 1 << 11,

    /// <summary>
    /// Goes into a function, operator or cast outside of conditions that may fail, give NULL or take its time by what the value is: the answer tells about it
    /// although the result is masked.
    /// </summary>
    Computed = 1 << 12,
}
