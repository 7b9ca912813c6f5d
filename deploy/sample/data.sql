-- Fills the sample database with fictional people: psql -v customers=50000 -f data.sql (50,000 is the default).
-- Deterministic: the same numbers give the same rows everywhere. Mail addresses are of example domains (RFC 2606), telephone
-- numbers of the range kept for fiction (555-01xx), card numbers carry a valid check digit behind test prefixes.

\set ON_ERROR_STOP on
\if :{?customers}
\else
  \set customers 50000
\endif

BEGIN;

-- A number from 0 to below `bound` that depends on nothing but the two keys.
CREATE FUNCTION pg_temp.pick(key bigint, salt text, bound bigint) RETURNS bigint
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN (('x' || substr(md5(key::text || ':' || salt), 1, 15))::bit(60)::bigint) % bound;

CREATE FUNCTION pg_temp.choose(key bigint, salt text, choices text[]) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN choices[1 + pg_temp.pick(key, salt, cardinality(choices))];

-- The check digit of ISO/IEC 7812-1 (Luhn) behind fifteen digits: those at odd places count double, less 9 when that is over 9.
CREATE FUNCTION pg_temp.with_check_digit(digits text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN digits || (
    SELECT (10 - sum(CASE WHEN place % 2 = 0 THEN digit WHEN digit > 4 THEN 2 * digit - 9 ELSE 2 * digit END) % 10) % 10
    FROM (SELECT place, substr(digits, place, 1)::int AS digit FROM generate_series(1, 15) AS place) AS digit_at
  );

INSERT INTO customers (id, full_name, email, phone, ssn, credit_card, date_of_birth, street, city, state, postal_code, created_at)
SELECT
  id,
  first_name || ' ' || last_name,
  lower(first_name || '.' || replace(last_name, '''', '')) || id || '@' || pg_temp.choose(id, 'mail', ARRAY['example.com', 'example.org', 'example.net']),
  '+1-' || pg_temp.choose(id, 'area', ARRAY['206', '212', '303', '312', '415', '503', '512', '617', '702', '801'])
    || '-555-01' || lpad(pg_temp.pick(id, 'phone', 100)::text, 2, '0'),
  -- Area 666 and those from 900 up were never given out; group and serial are never zero.
  lpad((CASE WHEN area >= 666 THEN area + 1 ELSE area END)::text, 3, '0')
    || '-' || lpad((1 + pg_temp.pick(id, 'group', 99))::text, 2, '0')
    || '-' || lpad((1 + pg_temp.pick(id, 'serial', 9999))::text, 4, '0'),
  pg_temp.with_check_digit(
    pg_temp.choose(id, 'brand', ARRAY['424242', '400005', '555555', '520082', '222300', '601111'])
    || lpad(pg_temp.pick(id, 'card', 1000000000)::text, 9, '0')),
  date '1940-01-01' + pg_temp.pick(id, 'birth', 24000)::int,
  (1 + pg_temp.pick(id, 'house', 9899)) || ' ' || pg_temp.choose(id, 'street', ARRAY['Oak', 'Maple', 'Cedar', 'Pine', 'Elm', 'Washington',
    'Lake', 'Hill', 'Walnut', 'Spring', 'North', 'Ridge', 'Church', 'Willow', 'Mill', 'Sunset'])
    || ' ' || pg_temp.choose(id, 'kind', ARRAY['Street', 'Avenue', 'Road', 'Lane', 'Drive', 'Court']),
  split_part(place, '|', 1),
  split_part(place, '|', 2),
  split_part(place, '|', 3) || lpad(pg_temp.pick(id, 'zip', 100)::text, 2, '0'),
  timestamptz '2021-01-01 00:00:00+00' + pg_temp.pick(id, 'joined', 157680000) * interval '1 second'
FROM (
  SELECT
    id,
    pg_temp.choose(id, 'first', ARRAY['Ada', 'Aisha', 'Alan', 'Alice', 'Amara', 'Amir', 'Ana', 'Andre', 'Anika', 'Arjun', 'Astrid', 'Ben',
      'Bianca', 'Bruno', 'Carla', 'Carlos', 'Chen', 'Chloe', 'Clara', 'Daniel', 'Daria', 'David', 'Deepa', 'Diego', 'Elena', 'Elias', 'Emma',
      'Erik', 'Fatima', 'Felix', 'Fiona', 'Gabriel', 'Grace', 'Hana', 'Hannah', 'Hugo', 'Ibrahim', 'Ines', 'Isaac', 'Ivan', 'James', 'Jana',
      'Jonas', 'Julia', 'Kai', 'Karim', 'Kenji', 'Lara', 'Laura', 'Leo', 'Lin', 'Linda', 'Luca', 'Lucy', 'Maria', 'Marta', 'Mateo', 'Maya',
      'Mei', 'Miguel', 'Mina', 'Nadia', 'Nina', 'Noah', 'Nora', 'Olga', 'Oliver', 'Omar', 'Paula', 'Pedro', 'Petra', 'Priya', 'Rachel', 'Rafael',
      'Ravi', 'Rosa', 'Ruth', 'Sam', 'Sara', 'Sofia', 'Stefan', 'Tara', 'Theo', 'Thomas', 'Tom', 'Uma', 'Vera', 'Victor', 'Wei', 'Yara', 'Yuki',
      'Zoe']) AS first_name,
    pg_temp.choose(id, 'last', ARRAY['Adams', 'Ahmed', 'Almeida', 'Andersson', 'Baker', 'Banerjee', 'Bauer', 'Bennett', 'Bianchi', 'Brown',
      'Carter', 'Castro', 'Chang', 'Clark', 'Cohen', 'Costa', 'Cruz', 'Davis', 'Diaz', 'Dubois', 'Edwards', 'Evans', 'Fischer', 'Foster',
      'Garcia', 'Gomez', 'Green', 'Gupta', 'Hansen', 'Harris', 'Hernandez', 'Hill', 'Hoffman', 'Hughes', 'Ito', 'Jackson', 'Jansen', 'Johnson',
      'Jones', 'Kaya', 'Keller', 'Khan', 'Kim', 'King', 'Kowalski', 'Kumar', 'Larsen', 'Lee', 'Lewis', 'Li', 'Lopez', 'Martin', 'Mendoza',
      'Meyer', 'Miller', 'Moreau', 'Morgan', 'Mueller', 'Murphy', 'Nakamura', 'Nguyen', 'Novak', 'O''Brien', 'Okafor', 'Olsen', 'Ortiz', 'Park',
      'Patel', 'Perez', 'Petrov', 'Phillips', 'Reed', 'Reyes', 'Roberts', 'Rossi', 'Santos', 'Sato', 'Schmidt', 'Scott', 'Shah', 'Silva', 'Singh',
      'Smith', 'Suzuki', 'Svensson', 'Taylor', 'Tran', 'Turner', 'Vasquez', 'Walker', 'Wang', 'Weber', 'White', 'Wilson', 'Wong', 'Wright',
      'Yilmaz', 'Young', 'Zhang', 'Zimmermann']) AS last_name,
    1 + pg_temp.pick(id, 'ssn', 898) AS area,
    pg_temp.choose(id, 'city', ARRAY['Seattle|WA|981', 'New York|NY|100', 'Denver|CO|802', 'Chicago|IL|606', 'San Francisco|CA|941',
      'Portland|OR|972', 'Austin|TX|787', 'Boston|MA|021', 'Las Vegas|NV|891', 'Salt Lake City|UT|841']) AS place
  FROM generate_series(1, :customers) AS id
) AS person
ORDER BY id;

-- Three orders for every two customers.
INSERT INTO orders (id, customer_id, status, amount, note, created_at, shipped_at)
SELECT id, customer_id, status, amount, note, created_at,
  CASE WHEN status IN ('shipped', 'delivered', 'returned') THEN created_at + (3600 + pg_temp.pick(id, 'shipping', 400000)) * interval '1 second' END
FROM (
  SELECT
    id,
    1 + pg_temp.pick(id, 'customer', :customers) AS customer_id,
    pg_temp.choose(id, 'status', ARRAY['pending', 'paid', 'paid', 'shipped', 'shipped', 'delivered', 'delivered', 'delivered', 'delivered',
      'cancelled', 'returned']) AS status,
    (500 + pg_temp.pick(id, 'amount', 9500) * (1 + pg_temp.pick(id, 'size', 12)))::numeric(12, 2) / 100 AS amount,
    CASE pg_temp.pick(id, 'note', 25)
      WHEN 0 THEN 'Please ring twice.'
      WHEN 1 THEN 'Gift, no invoice in the parcel.'
      WHEN 2 THEN 'Call +1-212-555-01' || lpad(pg_temp.pick(id, 'call', 100)::text, 2, '0') || ' before delivery.'
    END AS note,
    timestamptz '2023-01-01 00:00:00+00' + pg_temp.pick(id, 'ordered', 94608000) * interval '1 second' AS created_at
  FROM generate_series(1, :customers * 3 / 2) AS id
) AS purchase
ORDER BY id;

INSERT INTO payments (order_id, method, amount, credit_card, iban, client_ip, details, paid_at)
SELECT
  o.id,
  method,
  o.amount,
  CASE method WHEN 'card' THEN c.credit_card END,
  -- Check digits 98 minus the remainder by 97 (ISO 13616); country DE is 1314 in digits.
  CASE method WHEN 'bank_transfer' THEN 'DE' || lpad((98 - (account || '131400')::numeric % 97)::text, 2, '0') || account END,
  -- The documentation ranges of RFC 5737.
  (pg_temp.choose(o.id, 'net', ARRAY['192.0.2.', '198.51.100.', '203.0.113.']) || pg_temp.pick(o.id, 'host', 254) + 1)::inet,
  jsonb_build_object('processor', pg_temp.choose(o.id, 'processor', ARRAY['northpay', 'acme-pay']), 'holder', c.full_name),
  o.created_at + pg_temp.pick(o.id, 'delay', 7200) * interval '1 second'
FROM (
  SELECT *,
    pg_temp.choose(id, 'method', ARRAY['card', 'card', 'card', 'bank_transfer', 'wallet']) AS method,
    '37040044' || lpad(pg_temp.pick(id, 'account', 10000000000)::text, 10, '0') AS account
  FROM orders
  WHERE status NOT IN ('pending', 'cancelled')
) AS o
JOIN customers c ON c.id = o.customer_id
ORDER BY o.id;

SELECT setval(pg_get_serial_sequence('customers', 'id'), max(id)) FROM customers \g /dev/null
SELECT setval(pg_get_serial_sequence('orders', 'id'), max(id)) FROM orders \g /dev/null

COMMIT;

ANALYZE customers, orders, payments;
