package sample

// category is a shelf of the store and how it trades. Rates are whole per cent
// or per mille, because floating point rounds differently between processors.
type category struct {
	name    string
	demand  int    // share of order lines at the start, relative to the others
	trend   [3]int // per cent of growth from 2021 to 2022, to 2023, to 2024
	season  [4]int // per cent of the average demand in each quarter, northern summer
	drift   int    // per mille by which prices rise in a quarter
	options []string
	colours bool // the options are colours; otherwise its products have none
	goods   []good
}

// good is a thing on sale, before its options make products of it.
type good struct {
	name  string
	cents int
}

// categories returns the shelves of the store.
func categories() []category {
	return []category{
		electronics(), home(), fashion(), books(), sports(),
		toys(), garden(), beauty(), grocery(), pets(),
	}
}

func electronics() category {
	return category{
		name: "Electronics", demand: 150, trend: [3]int{14, -16, -4}, season: [4]int{90, 80, 85, 145}, drift: -9,
		colours: true, options: []string{"Graphite", "Silver", "Midnight Blue", "White"},
		goods: []good{
			{"Auralis Wireless Over-Ear Headphones with Active Noise Cancelling and Carry Case", 17900},
			{"Auralis Compact Waterproof Bluetooth Speaker with Twenty Hours of Playtime", 8900},
			{"Tessel Ten-Inch Tablet with Paper-Like Display and Magnetic Folding Cover", 32900},
			{"Tessel Slim Mechanical Keyboard with Quiet Switches and Hot-Swap Sockets", 11900},
			{"Voltino Four-Port Fast Charger with Folding Plug and Braided USB-C Cable", 4900},
			{"Voltino High-Capacity Power Bank with Digital Display and Two Outputs", 3900},
			{"Lumora Smart LED Desk Lamp with Wireless Charging Pad and Touch Dimmer", 6900},
			{"Lumora Indoor Security Camera with Night Vision and Two-Way Audio", 5900},
			{"Kestrel Fitness Watch with Built-In Navigation and Sapphire Glass Screen", 21900},
			{"Kestrel Action Camera with Image Stabiliser and Underwater Housing", 24900},
		},
	}
}

func home() category {
	return category{
		name: "Home & Kitchen", demand: 140, trend: [3]int{1, 3, -2}, season: [4]int{95, 90, 95, 120}, drift: 7,
		colours: true, options: []string{"Ivory", "Sage Green", "Charcoal", "Terracotta", "Navy"},
		goods: []good{
			{"Hearthwell Enamelled Cast Iron Casserole with Self-Basting Lid, Five Litres", 12900},
			{"Hearthwell Non-Stick Frying Pan Set with Removable Handles, Three Pieces", 7900},
			{"Hearthwell Programmable Espresso Machine with Steam Wand and Milk Jug", 28900},
			{"Mossgrove Stonewashed Linen Duvet Cover Set with Two Pillowcases, Double", 9900},
			{"Mossgrove Organic Cotton Bath Towels with Hanging Loop, Set of Four", 4900},
			{"Mossgrove Hand-Woven Wool Throw with Fringed Edges, Extra Large Size", 8900},
			{"Brightwater Glass Food Storage Containers with Locking Lids, Set of Ten", 3900},
			{"Brightwater Insulated Stainless Steel Water Bottle with Carry Loop", 2900},
			{"Fjelltun Solid Oak Bedside Table with Two Drawers and Cable Outlet", 15900},
			{"Fjelltun Adjustable Bookshelf with Five Tiers and Hidden Wall Brackets", 18900},
		},
	}
}

func fashion() category {
	return category{
		name: "Fashion", demand: 130, trend: [3]int{-9, 6, 12}, season: [4]int{80, 110, 90, 120}, drift: 5,
		colours: true, options: []string{"Black", "Navy", "Olive", "Burgundy", "Sand"},
		goods: []good{
			{"Harrow & Pine Waxed Cotton Field Jacket with Corduroy Collar, Regular Fit", 18900},
			{"Harrow & Pine Merino Wool Crew-Neck Jumper with Ribbed Cuffs, Regular Fit", 8900},
			{"Harrow & Pine Brushed Flannel Shirt with Button-Down Collar, Relaxed Fit", 5900},
			{"Solano Linen Midi Dress with Side Pockets and Adjustable Waist Tie", 7900},
			{"Solano High-Waisted Wide-Leg Trousers with Pleated Front and Side Zip", 6900},
			{"Solano Lightweight Packable Down Gilet with Recycled Polyester Shell", 9900},
			{"Cobbler Row Full-Grain Leather Chelsea Boots with Stitched Rubber Sole", 15900},
			{"Cobbler Row Low-Top Canvas Trainers with Cushioned Footbed and Laces", 5900},
			{"Cobbler Row Braided Leather Belt with Solid Brass Buckle, All Sizes", 3900},
			{"Tidewater Recycled Canvas Weekend Bag with Leather Handles and Shoe Pocket", 11900},
		},
	}
}

func books() category {
	return category{
		name: "Books", demand: 120, trend: [3]int{-9, -7, -12}, season: [4]int{85, 80, 95, 140}, drift: 3,
		options: []string{"Hardback", "Paperback", "Large Print", "Audio Edition"},
		goods: []good{
			{"The Lighthouse Keeper's Almanac: A Novel of Two Winters and One Summer", 1690},
			{"A Short History of Long Distances: Roads, Railways and the Telegraph", 2490},
			{"Bread in Eight Days: Sourdough Baking for Patient Beginners, Illustrated", 2290},
			{"Murder at the Botanical Garden: An Inspector Halloran Investigation", 1390},
			{"The Quiet Machine: How Computers Learned to Wait for Their Turn", 2690},
			{"Maps of Places That Never Were: An Atlas of Honest Mistakes, Revised", 3490},
			{"Under the Almond Trees: Poems and Letters, Selected by the Author", 1490},
			{"Mountains by Night Train: Thirty Journeys Across a Sleeping Continent", 1990},
			{"Everyday Statistics for the Mildly Curious, Third Revised Edition", 2390},
			{"The Last Cartographer of Venice: A Family Story in Four Generations", 1790},
		},
	}
}

func sports() category {
	return category{
		name: "Sports & Outdoors", demand: 100, trend: [3]int{-24, -5, 9}, season: [4]int{105, 120, 100, 75}, drift: 4,
		colours: true, options: []string{"Forest Green", "Slate", "Signal Orange", "Sky Blue"},
		goods: []good{
			{"Cairnstone Two-Person Trekking Tent with Aluminium Poles and Footprint", 22900},
			{"Cairnstone Three-Season Down Sleeping Bag with Compression Sack, Regular", 14900},
			{"Cairnstone Forty-Litre Hiking Backpack with Rain Cover and Hip Belt", 11900},
			{"Pacewell Cushioned Road Running Shoes with Breathable Knitted Upper", 9900},
			{"Pacewell Adjustable Dumbbell Pair with Storage Cradle, Two to Twenty Kilos", 25900},
			{"Pacewell Extra-Thick Yoga Mat with Alignment Marks and Carrying Strap", 3900},
			{"Veloroute Ventilated Cycling Helmet with Magnetic Buckle and Rear Light", 7900},
			{"Veloroute Waterproof Pannier Bags with Roll-Top Closure, Pair", 9900},
			{"Driftline Inflatable Stand-Up Paddle Board with Pump and Folding Paddle", 29900},
			{"Driftline Quick-Drying Microfibre Travel Towel with Zipped Pouch", 1900},
		},
	}
}

func toys() category {
	return category{
		name: "Toys & Games", demand: 90, trend: [3]int{6, -8, 14}, season: [4]int{65, 70, 75, 190}, drift: 4,
		colours: true, options: []string{"Red", "Yellow", "Blue", "Natural Wood"},
		goods: []good{
			{"Tumblewood Marble Run Construction Set with One Hundred and Fifty Pieces", 5900},
			{"Tumblewood Wooden Train Set with Bridge, Tunnel and Figure-of-Eight Track", 4900},
			{"Tumblewood Stacking Animals Balance Game for Two to Six Players", 1990},
			{"Galaxim Programmable Robot Kit with Light Sensors and Printed Guide", 8900},
			{"Galaxim Beginner's Reflector Telescope with Tabletop Mount and Moon Map", 11900},
			{"Galaxim Crystal Growing Laboratory with Twelve Safe Experiments", 2900},
			{"Parlour & Pawn Cooperative Board Game of Lighthouses and Sudden Storms", 3900},
			{"Parlour & Pawn Tournament Chess Set with Weighted Pieces and Felt Bases", 4490},
			{"Snugglebrook Extra-Soft Plush Fox with Knitted Scarf, Fifty Centimetres", 2790},
			{"Snugglebrook Doll's House with Working Doors and Twenty Pieces of Furniture", 12900},
		},
	}
}

func garden() category {
	return category{
		name: "Garden", demand: 80, trend: [3]int{-16, -9, 2}, season: [4]int{95, 175, 95, 35}, drift: 6,
		colours: true, options: []string{"Moss Green", "Anthracite", "Rust", "Stone Grey"},
		goods: []good{
			{"Thornfield Cordless Hedge Trimmer with Two Batteries and Blade Cover", 15900},
			{"Thornfield Stainless Steel Digging Spade with Ash Handle, Full Length", 5490},
			{"Thornfield Telescopic Tree Pruner with Bypass Blade and Folding Saw", 7900},
			{"Rainhollow Slimline Water Butt with Stand and Downpipe Connector Kit", 8900},
			{"Rainhollow Expandable Garden Hose with Brass Fittings and Spray Gun", 3900},
			{"Rainhollow Self-Watering Raised Planter Box on Legs with Liner", 9900},
			{"Emberglen Portable Charcoal Kettle Barbecue with Thermometer and Cover", 13900},
			{"Emberglen Cast Iron Fire Bowl with Spark Guard and Lifting Poker", 11900},
			{"Larkspur Folding Bistro Set with Two Chairs and Round Table, Weatherproof", 17900},
			{"Larkspur Solar Festoon Lights with Twenty Shatterproof Bulbs and Timer", 3290},
		},
	}
}

func beauty() category {
	return category{
		name: "Health & Beauty", demand: 75, trend: [3]int{12, 6, -3}, season: [4]int{100, 95, 95, 110}, drift: 6,
		options: []string{"Travel Size", "Standard Size", "Refill Pack"},
		goods: []good{
			{"Verbena Lane Hydrating Face Cream with Hyaluronic Acid, Fragrance Free", 2690},
			{"Verbena Lane Vitamin C Brightening Serum in Amber Glass Dropper Bottle", 3490},
			{"Verbena Lane Gentle Oat Cleansing Balm with Muslin Cloth, Sensitive Skin", 1990},
			{"Saltmarsh Solid Shampoo and Conditioner Set with Rosemary and Nettle", 1690},
			{"Saltmarsh Mineral Bath Salts with Lavender and Sweet Orange Oils", 1490},
			{"Saltmarsh Natural Deodorant Stick with Bergamot and Cedarwood, Vegan", 990},
			{"Ardent Sonic Toothbrush with Pressure Sensor, Timer and Charging Glass", 7900},
			{"Ardent Cordless Beard Trimmer with Twenty Length Settings and Pouch", 5900},
			{"Wren & Willow Aromatherapy Diffuser Oil Blend for Restful Evenings", 1890},
			{"Wren & Willow Magnesium Body Lotion with Cocoa Butter and Chamomile", 2190},
		},
	}
}

func grocery() category {
	return category{
		name: "Grocery", demand: 70, trend: [3]int{7, 14, 6}, season: [4]int{95, 90, 95, 120}, drift: 18,
		options: []string{"Single", "Pack of Three", "Pack of Six"},
		goods: []good{
			{"Old Quay Single-Origin Whole Coffee Beans, Medium Roast, One Kilogram", 1990},
			{"Old Quay Loose-Leaf Breakfast Tea in Caddy with Wooden Scoop, 250 Grams", 1290},
			{"Old Quay Stone-Ground Dark Chocolate with Sea Salt and Cacao Nibs", 690},
			{"Sunfield Cold-Pressed Extra Virgin Olive Oil, Early Harvest, 750 ml", 1690},
			{"Sunfield Slow-Dried Bronze-Cut Pasta Selection, Five Shapes, Organic", 1390},
			{"Sunfield Raw Wildflower Honey in Returnable Glass Jar, 500 Grams", 1190},
			{"Millrace Crunchy Granola with Almonds, Pumpkin Seeds and Maple Syrup", 890},
			{"Millrace Strong White Bread Flour, Stone Milled, Five-Kilogram Sack", 1090},
			{"Pepperhill Smoked Paprika, Cumin and Coriander Spice Collection, Tins", 1590},
			{"Pepperhill Fermented Chilli Sauce with Garlic and Lime, Medium Heat", 790},
		},
	}
}

func pets() category {
	return category{
		name: "Pet Supplies", demand: 45, trend: [3]int{22, 12, 8}, season: [4]int{100, 98, 98, 104}, drift: 9,
		colours: true, options: []string{"Grey", "Teal", "Chestnut"},
		goods: []good{
			{"Barkley Orthopaedic Memory Foam Dog Bed with Washable Cover, Large", 8900},
			{"Barkley Padded Escape-Proof Dog Harness with Reflective Stitching", 3900},
			{"Barkley Reinforced Rope Lead with Two Handles and Swivel Clip, Two Metres", 2490},
			{"Whiskerton Ceiling-Height Cat Tree with Hammock and Sisal Columns", 12900},
			{"Whiskerton Quiet Drinking Fountain with Replaceable Carbon Filters", 4490},
			{"Whiskerton Self-Cleaning Slicker Brush for Short and Long Hair", 1690},
			{"Finlay Rimless Nano Aquarium with Filter, Heater and LED Light, Thirty Litres", 11900},
			{"Finlay Slow-Feeder Bowl with Non-Slip Base, Dishwasher Safe, Medium", 1590},
			{"Hopwell Modular Indoor Rabbit Enclosure with Ramp and Washable Floor", 9900},
			{"Hopwell Natural Timothy Hay Feeder with Hinged Lid and Wall Hooks", 2290},
		},
	}
}
