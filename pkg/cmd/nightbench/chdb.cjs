// Turns an export into Parquet with ClickHouse: node -e … -- MODULE DATA OUT.
const [module, data, out] = process.argv.slice(1);
const { Session } = require(module);
const text = "Tuple(S Nullable(String))";
const number = "Tuple(N Nullable(String))";
const schema = `Item Tuple(PK ${text}, type ${text}, username ${text}, email ${text}, fullname ${text},
  Address Tuple(M Tuple(addressline1 ${text}, addressline2 ${text}, city ${text}, postcode ${text}, country ${text})),
  orderid ${text}, numberofitems ${number}, amount ${number}, orderdate ${text},
  productid ${text}, productname ${text}, category ${text}, color ${text}, price ${number})`;
const tables = {
  customer: `assumeNotNull(Item.username.S) AS username, Item.email.S AS email, Item.fullname.S AS fullname,
    Item.Address.M.addressline1.S AS addressline1, Item.Address.M.addressline2.S AS addressline2, Item.Address.M.city.S AS city,
    Item.Address.M.postcode.S AS postcode, Item.Address.M.country.S AS country`,
  order: `assumeNotNull(Item.PK.S) AS pk, assumeNotNull(Item.orderid.S) AS orderid, toInt32(Item.numberofitems.N) AS numberofitems,
    toDecimal64(Item.amount.N, 2) AS amount, parseDateTime64BestEffort(assumeNotNull(Item.orderdate.S), 6, 'UTC') AS orderdate`,
  product: `assumeNotNull(Item.orderid.S) AS orderid, assumeNotNull(Item.productid.S) AS productid, Item.productname.S AS productname,
    Item.category.S AS category, Item.color.S AS color, toDecimal64(assumeNotNull(Item.price.N), 2) AS price`,
};
const session = new Session();
const settings = [
  "max_threads = 1", "max_insert_threads = 1", "output_format_parquet_compression_method = 'snappy'",
  "input_format_parallel_parsing = 0", "output_format_parallel_formatting = 0", "output_format_parquet_parallel_encoding = 0",
  "input_format_json_defaults_for_missing_elements_in_named_tuple = 1",
  "input_format_json_ignore_unknown_keys_in_named_tuple = 1", "input_format_null_as_default = 1",
];
for (const setting of settings) session.query(`SET ${setting}`);
session.query("CREATE DATABASE IF NOT EXISTS bench");
session.query(`CREATE TABLE bench.line ENGINE = Memory AS SELECT * FROM file('${data}/*.json.gz', JSONEachRow, '${schema}')`);
for (const [name, columns] of Object.entries(tables)) {
  session.query(`INSERT INTO FUNCTION file('${out}/${name}.parquet', Parquet) SELECT ${columns} FROM bench.line WHERE Item.type.S = '${name}'`);
}
session.cleanup();
