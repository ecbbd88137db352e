package model

// The types of this file are the format: what a model file may say. The reader
// decodes into them and the JSON Schema for editors is made of them, so both
// agree. A field that a scalar may stand for is tagged short.

// file is a model file.
type file struct {
	place
	Version    number                 `yaml:"nightstar" need:"yes" doc:"The version of this format: 1."`
	Model      word                   `yaml:"model" need:"yes" doc:"The name of the model, for people and for what is deployed."`
	Table      tableFile              `yaml:"table" need:"yes" doc:"The DynamoDB table."`
	Limits     limitsFile             `yaml:"limits" doc:"How many items of a night may be wrong, all types together."`
	Calendar   calendarFile           `yaml:"calendar" doc:"Which days timestamps belong to, and when a fiscal year starts."`
	Schemas    schemasFile            `yaml:"schemas" doc:"The names of the schemas in the warehouse."`
	Items      entries[itemFile]      `yaml:"items" names:"yes" need:"yes" doc:"The item types of the table, by name."`
	Dimensions entries[dimensionFile] `yaml:"dimensions" names:"yes" doc:"The dimensions of the star, by name."`
	Facts      entries[factFile]      `yaml:"facts" names:"yes" doc:"The fact tables of the star, by name."`
	Checks     entries[checkFile]     `yaml:"checks" doc:"Rules of the business that every row must obey, by name."`
}

type tableFile struct {
	place
	PartitionKey  keyFile    `yaml:"partitionKey" need:"yes" doc:"The partition key of the table."`
	SortKey       keyFile    `yaml:"sortKey" doc:"The sort key of the table. Leave it out if the table has none."`
	TypeAttribute list[word] `yaml:"typeAttribute" doc:"The attribute that names an item's type, or several: the first that an item has decides. Leave it out if keys alone decide."`
	Ignore        list[word] `yaml:"ignore" doc:"Attributes that are known and left out, such as the keys of indexes."`
}

type keyFile struct {
	place
	Name word `yaml:"name" short:"yes" need:"yes" doc:"The name of the attribute."`
	Type word `yaml:"type" enum:"S N B" doc:"The DynamoDB type of the key. Default: S."`
}

type limitsFile struct {
	place
	SetAside limitFile `yaml:"setAside" doc:"How many items may be set aside in a night."`
}

type limitFile struct {
	place
	Items    number `yaml:"items" doc:"A number that is always allowed."`
	PerMille number `yaml:"perMille" doc:"A share in per mille. The larger of both counts."`
}

type itemLimitsFile struct {
	place
	SetAside    limitFile `yaml:"setAside" doc:"How many items of the type may be set aside in a night. Default: the larger of 10 and 1 per mille."`
	WrongValues limitFile `yaml:"wrongValues" doc:"How many values of one column may be wrong in a night, and how many rows of one set within items may be left out. Default: the larger of 100 and 10 per mille."`
	Shrink      percent   `yaml:"shrink" doc:"The largest part of the rows of the night before that may be missing. Default: 50%."`
}

type calendarFile struct {
	place
	TimeZone        word `yaml:"timeZone" doc:"The IANA time zone in which a day begins and ends, such as Europe/Berlin. Default: UTC."`
	FiscalYearStart word `yaml:"fiscalYearStart" enum:"January February March April May June July August September October November December" doc:"The month in which the fiscal year starts. A fiscal year has the number of the calendar year in which it ends."`
}

type schemasFile struct {
	place
	Prefix word `yaml:"prefix" doc:"What the names of the schemas begin with: tickets_ makes tickets_landing, tickets_staging, tickets_dwh and tickets_etl."`
}

type itemFile struct {
	place
	Doc     word                `yaml:"doc" doc:"What an item of the type is, for people."`
	Type    list[word]          `yaml:"type" doc:"The values of the type attribute that mean this type. Default: the name of the type."`
	Keys    entries[word]       `yaml:"keys" doc:"What key attributes look like, by attribute: literal text, and columns in braces. CUST#{username} recognises the item and fills the column username. Attributes that are not keys of the table, such as keys of indexes, only fill columns."`
	Skip    truth               `yaml:"skip" doc:"Count items of the type and load nothing of them."`
	Unknown word                `yaml:"unknown" enum:"keep ignore refuse" doc:"What becomes of attributes that no column reads. keep: beside the rows, and reported. ignore: dropped. refuse: the item is set aside. Default: keep."`
	Limits  itemLimitsFile      `yaml:"limits" doc:"How much of the type may be wrong or missing in a night."`
	Columns entries[columnFile] `yaml:"columns" names:"yes" doc:"The columns of the type, by name."`
	Rows    entries[rowsFile]   `yaml:"rows" names:"yes" doc:"Lists or maps of maps within an item that become rows, by name. The rows line of the type order are called order.line."`
}

type rowsFile struct {
	place
	Doc     word                `yaml:"doc" doc:"What a row is, for people."`
	List    word                `yaml:"list" doc:"The path to a list of maps. Each map is a row; the column position counts from 1."`
	Map     word                `yaml:"map" doc:"The path to a map of maps. Each of them is a row; the column entry has its name."`
	Wrong   word                `yaml:"whenWrong" enum:"row item night" doc:"What it costs if a row cannot be made: the attribute is no list or map, one of it is no map, or a required value is wrong. row: the row is left out, and kept beside the others. item: the item is set aside. night: nothing is loaded. Default: row."`
	Columns entries[columnFile] `yaml:"columns" names:"yes" need:"yes" doc:"The columns of a row, by name. Paths begin in the row's map. The columns of the item's keys are added."`
}

type columnFile struct {
	place
	Type      word  `yaml:"type" short:"yes" need:"yes" pattern:"^(text|integer|bigint|double|boolean|date|timestamp|json|string\\([0-9]+\\)|decimal\\([0-9]+, ?[0-9]+\\))$" doc:"string(n) of n bytes, text, integer, bigint, decimal(p,s), double, boolean, date, timestamp or json."`
	Doc       word  `yaml:"doc" doc:"What the column means, for people."`
	From      word  `yaml:"from" doc:"The path to the attribute, through maps: Address.city. A name that contains a dot stands in double quotes. Default: the name of the column."`
	Required  truth `yaml:"required" doc:"A row without a value is worthless: its item is set aside, or the row within an item is left out."`
	Convert   truth `yaml:"convert" doc:"Take a value of another DynamoDB type if nothing of it changes: a number as text, text as a number."`
	Format    word  `yaml:"format" enum:"iso8601 rfc1123 epochSeconds epochMillis" doc:"How a timestamp or date is written. Default: iso8601."`
	Layout    word  `yaml:"layout" doc:"How a timestamp or date is written, as Go writes the moment Mon Jan 2 15:04:05 2006: 02.01.2006 15:04."`
	Truncate  truth `yaml:"truncate" doc:"Cut off digits beyond the microsecond instead of refusing the value."`
	WhenWrong word  `yaml:"whenWrong" enum:"value item night" doc:"What a wrong value costs. value: the column is null, and the value is kept beside the row. item: the item is set aside. night: nothing is loaded. Default: value; for columns that identify or are required item, or what the rows within an item say."`
}

type lookupFile struct {
	place
	Of     word          `yaml:"of" doc:"The item type or rows that are looked up. Default: the name of the lookup."`
	On     entries[word] `yaml:"on" need:"yes" doc:"Which columns must be equal: a column of what is looked up, and a column of this row or of a lookup above."`
	Latest word          `yaml:"latest" doc:"Of several rows the one with the highest value of this column counts. Without it there must be one at most."`
}

type dimensionFile struct {
	place
	Doc        word                `yaml:"doc" doc:"What a member is, for people."`
	Calendar   word                `yaml:"calendar" enum:"day" doc:"A calendar: a member for each day that a fact refers to."`
	Of         word                `yaml:"of" doc:"The item type or rows that describe members."`
	Key        columnsFile         `yaml:"key" doc:"The columns that identify a member. For a calendar: the name of the column with the day; default fulldate."`
	With       entries[lookupFile] `yaml:"with" names:"yes" doc:"Other rows that are looked up, at most one each."`
	Where      word                `yaml:"where" doc:"A SQL condition. Rows for which it is not true describe no member."`
	When       list[word]          `yaml:"when" doc:"A row describes a member only where one of these columns has a value."`
	Latest     word                `yaml:"latest" doc:"Of several rows for one member the one with the highest value of this column describes it."`
	Duplicates word                `yaml:"duplicates" enum:"refuse first" doc:"What happens if several rows describe one member and latest does not decide. refuse: nothing is loaded. first: the first by its text describes it. Default: refuse."`
	History    word                `yaml:"history" enum:"overwrite versions" doc:"What the star remembers of a member. overwrite: what it looks like now. versions: what it looked like at any time, a row for each version, with the columns version, validfrom, validto and current; facts refer to the version that was valid when they happened, see asOf. For dimensions whose key is that of an item type, without with. Default: overwrite."`
	Columns    columnsFile         `yaml:"columns" doc:"The columns that describe a member. Key columns come first unless they stand here."`
	Unknown    entries[word]       `yaml:"unknown" doc:"What the unknown member says, by column. Default: unknown in every column of text that does not identify and has room for it."`
}

type factFile struct {
	place
	Doc        word                `yaml:"doc" doc:"What a fact is, for people."`
	Grain      word                `yaml:"grain" need:"yes" doc:"What one row is, in a sentence."`
	Of         word                `yaml:"of" need:"yes" doc:"The item type or rows that facts are made of, one for each."`
	With       entries[lookupFile] `yaml:"with" names:"yes" doc:"Other rows that a fact looks up, at most one each."`
	Where      word                `yaml:"where" doc:"A SQL condition. Rows for which it is not true are not facts."`
	Key        list[word]          `yaml:"key" doc:"The columns that identify a fact. Default: those of the keys of its item."`
	Document   list[word]          `yaml:"document" doc:"The columns that identify what several facts belong to, such as the order of order lines. It gets a surrogate key of the fact's name."`
	AsOf       word                `yaml:"asOf" doc:"The timestamp or date, or lookup.column, that says which version of its members a fact refers to, in dimensions with history: versions. A date counts from its beginning in UTC. Default: the column of its only calendar; without calendars the only timestamp or date of its rows."`
	Dimensions entries[roleFile]   `yaml:"dimensions" names:"yes" doc:"The dimensions of the fact, each with the columns that identify the member. A role of another name has the dimension inside: created: { date: createdat }."`
	Columns    columnsFile         `yaml:"columns" doc:"Columns that describe the fact itself, such as a status."`
	Measures   columnsFile         `yaml:"measures" doc:"Columns that people add up."`
}

type checkFile struct {
	place
	Of       word `yaml:"of" need:"yes" doc:"The item type or rows that are checked."`
	SQL      word `yaml:"sql" need:"yes" doc:"A SQL condition that is true for a row that breaks the rule."`
	Severity word `yaml:"severity" enum:"fail warn" doc:"fail: nothing is published. warn: such rows are counted and reported. Default: fail."`
}

// starColumnFile is a column of a dimension or fact: a reference or an
// expression.
type starColumnFile struct {
	place
	From word `yaml:"from" short:"yes" doc:"The column, or lookup.column."`
	SQL  word `yaml:"sql" doc:"A SQL expression over columns, and columns of lookups as lookup.column."`
	Type word `yaml:"type" doc:"The type of the expression."`
	Doc  word `yaml:"doc" doc:"What the column means, for people."`
}
